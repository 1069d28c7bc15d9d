import { AsyncLocalStorage } from "node:async_hooks";
import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Handler } from "@/lib/http/route";
import { can, type Role, roles } from "@/lib/policy/permissions";
import { cookieName } from "@/lib/session/cookie";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, type TestPerson } from "@/lib/testing/people";
import type * as UseCases from "@/lib/usecase";

// Every door there is, found on disk, as every role, without proxy.ts and without Next: nothing of them guards anything.

interface Called {
  name: string;
  permission: UseCases.Gate;
}
/** The use cases that one door or page has called. Its own: a page that fails leaves others of its reads running. */
const calls = new AsyncLocalStorage<Called[]>();
vi.mock("@/lib/usecase", async (importOriginal) => {
  const original = await importOriginal<typeof UseCases>();
  const noting =
    <Rest extends unknown[], Result>(run: (useCase: never, ...rest: Rest) => Result) =>
    (useCase: never, ...rest: Rest): Result => {
      calls.getStore()?.push(useCase);
      return run(useCase, ...rest);
    };
  return { ...original, act: noting(original.act), read: noting(original.read) };
});

/** What the pages read of the request. */
const request = { cookie: "", headers: new Headers() };
vi.mock("next/headers", () => ({
  cookies: async () => ({
    get: (name: string) => {
      const pair = request.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
      return pair && { name, value: pair.slice(name.length + 1) };
    },
  }),
  headers: async () => request.headers,
}));
// As next.config.js switches it on in the product.
process.env.__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS = "true";

// Each test knocks at a hundred doors: patience for a busy machine.
vi.setConfig({ testTimeout: 300_000 });

const db = await openDatabase();
const people = new Map<Role, TestPerson>();
const tally = { test: "doors-by-role", doors: 0, pages: 0, cases: 0 };
const wrong: string[] = [];

beforeAll(async () => {
  for (const role of roles) people.set(role, await addPerson(db, role));
});

function personOf(role: Role): TestPerson {
  const person = people.get(role);
  if (!person) throw new Error(role);
  return person;
}

function filesOf(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    name.test(path.basename(file)),
  );
}

const paramsOf = (file: string) =>
  Object.fromEntries([...file.matchAll(/\[(\w+)\]/g)].map(([, name = ""]) => [name, crypto.randomUUID()]));

/** Set-up, sign-in and invitations are for whoever is not signed in; health and the installer for nobody in particular. */
const openDoor = /^(v1\/(setup|sign-in|invitations)|health|install)\//;

interface Door {
  name: string;
  method: string;
  handler: Handler;
  params: Record<string, string>;
}

async function findDoors(): Promise<Door[]> {
  const root = path.join(import.meta.dirname, "api");
  const found = await Promise.all(
    filesOf(root, /^route\.ts$/)
      .filter((file) => !openDoor.test(file))
      .map(async (file) => {
        const module: Record<string, Handler> = await import(path.join(root, file));
        return ["GET", "POST", "PUT", "PATCH", "DELETE"].flatMap((method) => {
          const handler = module[method];
          return handler ? [{ name: path.dirname(file), method, handler, params: paramsOf(file) }] : [];
        });
      }),
  );
  return found.flat();
}

const doors = await findDoors();
tally.doors = doors.length;

describe.each(roles)("as %s", (role) => {
  test("each door refuses what the table does not give, and opens otherwise", async () => {
    for (const { name, method, handler, params } of doors) {
      if (name === "v1/sign-out" || name === "v1/events") continue; // ends the session; a stream without an end
      const called: Called[] = [];
      const { browser } = personOf(role);
      const init = method === "GET" ? { method } : { method, body: "{}" };
      const response = await calls.run(called, () => browser.fetch(handler, init, { params }));
      await response.body?.cancel();
      tally.cases += 1;
      const gates = called.map(({ permission }) => permission);
      const isAllowed = gates.every((gate) => gate === "signed-in" || can(role, gate));
      const isRight = gates.length > 0 && (isAllowed ? response.status !== 401 : response.status === 403);
      if (!isRight) wrong.push(`${role}: ${method} ${name} through ${gates}: ${response.status}`);
    }
    expect(wrong).toEqual([]);
  });
});

interface PageModule {
  default(props: object): unknown;
}

const root = import.meta.dirname;
const pages = await Promise.all(
  filesOf(root, /^page\.tsx$/)
    .filter((file) => !file.startsWith("(sign-in)"))
    .map(async (file) => {
      const module: PageModule = await import(path.join(root, file));
      return { name: path.dirname(file), page: module.default, params: paramsOf(file) };
    }),
);
tally.pages = pages.length;

/** What came of a page: "shown", or what Next is told to show in its place. */
async function show({ page, params }: (typeof pages)[number], called: Called[]): Promise<string> {
  try {
    await calls.run(called, async () =>
      page({ params: Promise.resolve(params), searchParams: Promise.resolve({}) }),
    );
    return "shown";
  } catch (error) {
    const digest = error instanceof Error && "digest" in error ? String(error.digest) : "";
    if (/^NEXT_REDIRECT;/.test(digest)) return `redirect ${digest.split(";")[2]}`;
    return /^NEXT_HTTP_ERROR_FALLBACK;(\d+)$/.exec(digest)?.[1] ?? `bug: ${error}`;
  }
}

describe("a page", () => {
  test.each(roles)("is shown to %s as far as the table lets him", async (role) => {
    const { browser } = personOf(role);
    request.cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    expect(request.cookie).toContain(cookieName("session"));
    for (const one of pages) {
      const called: Called[] = [];
      const outcome = await show(one, called);
      tally.cases += 1;
      const isAllowed = called.every(({ permission }) => permission === "signed-in" || can(role, permission));
      // A page may be stricter than its queries: the form that adds a host reads nothing. What is not there may be found
      // out before it is forbidden, and an address that makes no sense before anything is read; neither is shown.
      const mayBe = isAllowed ? /^(shown|403|404|redirect .*)$/ : /^(403|404)$/;
      const isRight = mayBe.test(outcome) && (called.length > 0 || outcome === "404");
      if (!isRight)
        wrong.push(`${role}: page ${one.name} through ${called.map(({ name }) => name)}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
  });

  test.each(["", "stolen"])("is not shown to whoever is not signed in (%s)", async (token) => {
    request.cookie = token && `${cookieName("session")}=${token}`;
    for (const one of pages) {
      const outcome = await show(one, []);
      tally.cases += 1;
      if (!/^(404$|redirect \/(sign-in|set-up))/.test(outcome))
        wrong.push(`nobody: page ${one.name}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
  });

  test("behind the frame is shown to nobody either", () => {
    expect(new Browser().cookies.size).toBe(0);
    console.log(JSON.stringify({ ...tally, wrong: wrong.length }));
    expect(tally.pages).toBeGreaterThan(20);
    expect(tally.cases).toBeGreaterThan(600);
  });
});
