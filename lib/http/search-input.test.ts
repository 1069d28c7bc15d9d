import { expect, test } from "vitest";
import { HostListInput } from "@/lib/features/hosts/schema";
import { searchInput } from "@/lib/http/search-input";

const read = (given: Record<string, string | string[]>) =>
  searchInput(HostListInput, Promise.resolve(given), ["tag"]);

test("an address without a filter asks for everything", async () => {
  expect(await read({})).toEqual(HostListInput.parse({}));
});

test("what makes no sense is left out, the rest still counts", async () => {
  const input = await read({ q: "web", state: "no-such-state", page: "minus one", unknown: "x" });
  expect(input).toEqual(HostListInput.parse({ q: "web" }));
});

test("a list that stands once is a list all the same", async () => {
  expect((await read({ tag: "prod" })).tag).toEqual(["prod"]);
  expect((await read({ tag: ["prod", "eu"] })).tag).toEqual(["prod", "eu"]);
});

test("of a value that stands several times the first counts", async () => {
  expect((await read({ q: ["web", "db"] })).q).toBe("web");
});
