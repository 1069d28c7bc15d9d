import { expect, test } from "vitest";
import { HostListInput } from "@/lib/features/hosts/schema";
import { hostListAddress, isFiltered, sortAddress } from "./host-list-address";

const plain = HostListInput.parse({});

test("the whole list has the shortest address", () => {
  expect(hostListAddress(plain)).toBe("/hosts");
});

test("an address brings back the very filter that made it", () => {
  const filter = HostListInput.parse({
    q: "web & db",
    state: "drifted",
    tag: ["prod", "eu/1"],
    sort: "seen",
    direction: "descending",
    page: 3,
  });
  const query = new URLSearchParams(hostListAddress(filter, { page: 3 }).split("?")[1]);
  const back = { ...Object.fromEntries(query), tag: query.getAll("tag") };
  expect(HostListInput.parse(back)).toEqual(filter);
});

test("a narrower list begins at its first page", () => {
  const filter = HostListInput.parse({ page: 4 });
  expect(hostListAddress(filter, { state: "unreachable" })).toBe("/hosts?state=unreachable");
});

test("the head of the sorted column turns the order round", () => {
  expect(sortAddress(plain, "name")).toBe("/hosts?direction=descending");
  expect(sortAddress(plain, "seen")).toBe("/hosts?sort=seen");
});

test("sorting alone hides nothing", () => {
  expect(isFiltered(HostListInput.parse({ sort: "seen" }))).toBe(false);
  expect(isFiltered(HostListInput.parse({ tag: ["prod"] }))).toBe(true);
});
