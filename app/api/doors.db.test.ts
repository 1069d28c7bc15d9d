import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Handler } from "@/lib/http/route";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson } from "@/lib/testing/people";

const db = await openDatabase();
const root = path.join(import.meta.dirname, "v1");
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Whoever is not signed in may knock at these alone; each has a guard of its own. */
const open = /^(setup|sign-in|invitations)\//;

interface Door {
  readonly name: string;
  readonly method: string;
  readonly handler: Handler;
  readonly params: Record<string, string>;
}

/** Every door there is, found on disk: a new one is tested without being listed. */
async function findDoors(): Promise<Door[]> {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("route.ts"),
  );
  const doors = await Promise.all(
    files.map(async (file) => {
      const folder = path.dirname(file);
      const module: Record<string, Handler> = await import(path.join(root, file));
      const names = [...folder.matchAll(/\[(\w+)\]/g)].map(([, name]) => name!);
      const params = Object.fromEntries(names.map((name) => [name, crypto.randomUUID()]));
      return methods
        .filter((method) => module[method])
        .map((method) => ({ name: `${folder}/`, method, handler: module[method]!, params }));
    }),
  );
  return doors.flat();
}

const doors = await findDoors();
const writes = doors
  .filter(({ method }) => method !== "GET")
  .map((door) => [`${door.method} ${door.name}`, door] as const);
const guarded = doors
  .filter(({ name }) => !open.test(name))
  .map((door) => [`${door.method} ${door.name}`, door] as const);
const owner = await addPerson(db, "owner");

const forgeries: [string, Record<string, string | null>][] = [
  ["without Origin", { origin: null }],
  ["with an Origin of null", { origin: "null" }],
  ["from another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["from another port of this machine", { origin: "http://localhost:3001", "sec-fetch-site": "same-site" }],
  ["from another site that got our Origin right", { "sec-fetch-site": "cross-site" }],
  ["without Sec-Fetch-Site", { "sec-fetch-site": null }],
  ["typed into the address bar", { "sec-fetch-site": "none" }],
];

test("there are doors to test", () => {
  expect(writes.length).toBeGreaterThan(40);
  expect(doors.filter(({ method }) => method === "PATCH")).toEqual([]);
});

describe("a forged write", () => {
  test.each(writes)("is refused: %s", async (_, { method, handler, params }) => {
    const before = await db.activity.count();
    for (const [what, headers] of forgeries) {
      const answer = await owner.browser.call(handler, { method, body: "{}" }, { params, headers });
      expect(answer, what).toMatchObject({ status: 403, code: "forbidden" });
    }
    expect(await db.activity.count()).toBe(before);
  });

  test.each(writes)("by a form of another site is refused: %s", async (_, { method, handler, params }) => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]) {
      const answer = await owner.browser.call(
        handler,
        { method, body: '{"a":1}' },
        { params, headers: { "content-type": type } },
      );
      expect(answer, type).toMatchObject({
        status: 400,
        code: "invalid",
        message: expect.stringContaining("application/json"),
      });
    }
  });
});

describe("without a session", () => {
  test.each(guarded)("nobody gets through: %s", async (_, { method, handler, params }) => {
    const init = method === "GET" ? { method } : { method, body: "{}" };
    expect(await new Browser().call(handler, init, { params })).toMatchObject({ status: 401 });
  });

  test("only set-up, sign-in and invitations are open", () => {
    const names = [...new Set(doors.filter(({ name }) => open.test(name)).map(({ name }) => name))].sort();
    expect(names).toEqual([
      "invitations/passkey-options/",
      "invitations/passkey/",
      "invitations/password/",
      "invitations/password/confirm/",
      "setup/passkey-options/",
      "setup/passkey/",
      "setup/password/",
      "setup/password/confirm/",
      "sign-in/passkey-options/",
      "sign-in/passkey/",
      "sign-in/password/",
      "sign-in/second-factor/",
    ]);
  });
});

describe("a write's body", () => {
  const person = doors.find(({ name }) => name === "people/")!;
  const call = (init: RequestInit, headers: Record<string, string | null> = {}) =>
    owner.browser.call(person.handler, { method: "POST", ...init }, { headers });

  test("over 256 KiB is refused, whether or not it says its length", async () => {
    const body = JSON.stringify({ login: "x", name: "x".repeat(256 * 1024), role: "member" });
    expect(await call({ body })).toMatchObject({ status: 413, code: "too_large" });
    const endless = new ReadableStream<Uint8Array>({
      pull: (sink) => sink.enqueue(new Uint8Array(16_384).fill(32)),
    });
    const init: RequestInit & { duplex: "half" } = { body: endless, duplex: "half" };
    expect(await call(init)).toMatchObject({ status: 413, code: "too_large" });
  });

  test.each(["[]", "null", "1", '"x"', "{", "\u{feff}{}x"])(
    "that is %s is refused as no object",
    async (body) => {
      expect(await call({ body })).toMatchObject({ status: 400, code: "invalid" });
    },
  );

  test("with a field that nobody knows is refused", async () => {
    const body = JSON.stringify({ login: "x", name: "x", role: "member", disabledAt: null });
    expect(await call({ body })).toMatchObject({ status: 400, code: "invalid" });
  });

  test("that names another thing than the address is refused", async () => {
    const role = doors.find(({ name }) => name.endsWith("/role/"))!;
    const body = JSON.stringify({ personId: crypto.randomUUID(), role: "member" });
    const answer = await owner.browser.call(role.handler, { method: "PUT", body }, { params: role.params });
    expect(answer).toMatchObject({ status: 400, code: "invalid" });
  });
});

test("answers are kept nowhere, and a bug shows a reference and nothing else", async () => {
  const { respondToError } = await import("@/lib/http/respond");
  const request = new Request("http://localhost:3000/api/v1/people");
  const response = respondToError(new Error("password of root is hunter2"), request);
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(text).not.toContain("hunter2");
  expect(text).toMatch(/reference [0-9a-f]{8}/);
});
