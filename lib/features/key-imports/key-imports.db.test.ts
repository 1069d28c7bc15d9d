import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  addKeyImport,
  readKeyImport,
  removeKeyImport,
  subscribeKeyImport,
} from "@/lib/features/key-imports/commands";
import { acknowledgeKeyAlarm, decideImportedKey } from "@/lib/features/key-imports/decide-commands";
import { keyImportJobs } from "@/lib/features/key-imports/jobs";
import { listKeyImports, listKeySources } from "@/lib/features/key-imports/queries";
import { readImport } from "@/lib/features/key-imports/read-import";
import { allowKeySource, forbidKeySource } from "@/lib/features/key-imports/source-commands";
import { removeKey } from "@/lib/features/keys/key-commands";
import { listMyKeys } from "@/lib/features/keys/queries";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { generateKey } from "@/lib/openssh-keys/generated-key";
import { fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";
import { roles } from "@/lib/policy/permissions";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type KeyProvider, startKeyProvider } from "@/lib/testing/key-provider";
import { addReadHost } from "@/lib/testing/reviewed-host";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let provider: KeyProvider;
let ann: Actor;
let bob: Actor;
let admin: Actor;
const at = { value: new Date() };
vi.mock("@/lib/clock", async (load) => ({
  ...(await load<typeof import("@/lib/clock")>()),
  now: () => at.value,
  // The deadline of a fetch does not pass here, however busy the machine is.
  sleep: () => new Promise<void>(() => {}),
}));

beforeAll(async () => {
  provider = await startKeyProvider();
  ann = await addActor(db, "member", "Ann");
  bob = await addActor(db, "member", "Bob");
  admin = await addActor(db, "admin", "Ada");
});
afterAll(() => provider.stop());
beforeEach(async () => {
  at.value = new Date();
  await db.keyImport.deleteMany();
  await db.keySourceAddress.deleteMany();
  await db.personKey.deleteMany();
});
afterEach(async () => {
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

const never = { signal: new AbortController().signal };
const pass = (hours: number) => {
  at.value = new Date(at.value.getTime() + hours * 3_600_000);
};
const as = (actor: Actor): Actor => ({ ...actor, steppedUpAt: at.value });

async function makeKey(comment: string) {
  const { privateKey } = await generateKey("ed25519", comment);
  return {
    line: printPublicKey(privateKey.publicKey),
    print: fingerprint(privateKey.publicKey.blob),
  };
}

/** Publishes lines at GitHub under a name. */
const publish = (name: string, ...lines: string[]) =>
  provider.serve(`github.com/${name}.keys`, `${lines.join("\n")}\n`);

async function addGitHub(
  actor: Actor,
  name: string,
  more: { personId?: string; isSubscribed?: boolean } = {},
) {
  const input = { personId: actor.personId, provider: "github", name, ...more };
  const { importId } = await act(addKeyImport, input, as(actor), origin);
  await readImport(importId, never, provider.network);
  return importId;
}

const reread = (importId: string) => readImport(importId, never, provider.network);
const decide = (actor: Actor, importId: string, print: string, decision: string) =>
  act(decideImportedKey, { importId, fingerprint: print, decision }, as(actor), origin);

async function show(actor: Actor, personId = actor.personId) {
  const view = await read(listKeyImports, { personId }, actor, origin);
  return {
    ...view,
    first: view.imports[0]!,
    states: Object.fromEntries(
      view.imports.flatMap(({ keys }) => keys.map((key) => [key.comment, key.state])),
    ),
  };
}

const myKeys = async (actor: Actor) => (await read(listMyKeys, {}, actor, origin)).keys;
const myNames = async (actor: Actor) => (await myKeys(actor)).map(({ name }) => name).sort();
const jobs = async () => {
  const rows = await db.$queryRaw<{ identifier: string }[]>`
    select t.identifier from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id`;
  return rows.map(({ identifier }) => identifier);
};

describe("a reading", () => {
  test.each([
    ["github", "alice", "github.com/alice.keys"],
    ["gitlab", "alice", "gitlab.com/alice.keys"],
    ["launchpad", "alice", "launchpad.net/~alice/+sshkeys"],
    ["url", "https://keys.example.org/people/alice", "keys.example.org/people/alice"],
  ])("of %s proposes and makes nobody's key", async (from, name, place) => {
    const key = await makeKey("one");
    provider.serve(place, `${key.line}\r\n\r\ncommand="id" ${(await makeKey("two")).line}\r\n`);
    await act(allowKeySource, { prefix: "https://keys.example.org/people" }, as(admin), origin);
    const input = { personId: ann.personId, provider: from, name };
    const { importId } = await act(addKeyImport, input, ann, origin);
    expect((await show(ann)).first).toMatchObject({ isReading: true, readAt: null });
    expect(await jobs()).toEqual(["key-import.read"]);
    pass(0.001);
    await reread(importId);
    const { first, states } = await show(ann);
    expect(states).toEqual({ one: "new" });
    expect(first).toMatchObject({
      isReading: false,
      failure: null,
      refusedLines: [{ number: 3, reason: expect.stringContaining("options") }],
    });
    expect(await db.personKey.count()).toBe(0);
    expect(await myKeys(ann)).toEqual([]);
  });

  test("of the same again changes nothing, and makes no second row", async () => {
    publish("same", (await makeKey("one")).line);
    const importId = await addGitHub(ann, "same");
    const before = await db.importedKey.findMany();
    pass(1);
    await reread(importId);
    expect(await db.importedKey.findMany()).toEqual(before);
  });

  test("that fails says why, keeps what was read, and a subscription asks later and later", async () => {
    publish("fails", (await makeKey("one")).line);
    const importId = await addGitHub(ann, "fails", { isSubscribed: true });
    const row = () => db.keyImport.findUniqueOrThrow({ where: { id: importId } });
    const waitHours = async () => ((await row()).nextReadAt!.getTime() - at.value.getTime()) / 3_600_000;
    expect(await waitHours()).toBe(24);
    provider.serve("github.com/fails.keys", (_, response) => response.writeHead(500).end());
    const waits: number[] = [];
    for (let round = 0; round < 10; round++) {
      await reread(importId);
      waits.push(await waitHours());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 168, 168]);
    const { first, states } = await show(ann);
    expect(first.failure).toMatch(/answered 500/);
    expect(states).toEqual({ one: "new" });
    publish("fails", (await makeKey("two")).line);
    await reread(importId);
    expect(await row()).toMatchObject({ failures: 0, failure: null });
    expect(await waitHours()).toBe(24);
  });

  test("of a page of words instead of keys is no list without keys", async () => {
    const key = await makeKey("one");
    publish("words", key.line);
    const importId = await addGitHub(ann, "words");
    await decide(ann, importId, key.print, "take");
    publish("words", "We are under maintenance.");
    await reread(importId);
    const { first, states } = await show(ann);
    expect(first.failure).toMatch(/something else than keys/);
    expect(states).toEqual({ one: "known" });
  });

  test("of an address that is allowed no more does not happen", async () => {
    const prefix = "https://keys.example.org/people/";
    provider.serve("keys.example.org/people/x", (await makeKey("one")).line);
    await act(allowKeySource, { prefix }, as(admin), origin);
    const input = { personId: ann.personId, provider: "url", name: `${prefix}x` };
    const { importId } = await act(addKeyImport, input, ann, origin);
    await act(forbidKeySource, { prefix }, as(admin), origin);
    provider.asked.length = 0;
    await reread(importId);
    expect(provider.asked).toEqual([]);
    expect((await show(ann)).first.failure).toMatch(/may not be imported/);
  });

  test("for somebody who was disabled, or of a place that was removed, does not happen", async () => {
    const importId = await addGitHub(ann, "leaver");
    provider.asked.length = 0;
    await db.person.update({ where: { id: ann.personId }, data: { disabledAt: at.value } });
    await reread(importId);
    await db.person.update({ where: { id: ann.personId }, data: { disabledAt: null } });
    await act(removeKeyImport, { importId }, ann, origin);
    await reread(importId);
    expect(provider.asked).toEqual([]);
  });

  test("that a stopping worker breaks off is no failure of the place", async () => {
    const importId = await addGitHub(ann, "stopped");
    await db.keyImport.update({ where: { id: importId }, data: { failure: null } });
    const stopped = AbortSignal.abort();
    await expect(readImport(importId, { signal: stopped }, provider.network)).rejects.toThrow();
    expect((await show(ann)).first.failure).toBeNull();
  });
});

describe("a proposal", () => {
  test("that is taken is the person's key, imported, and counts for nothing until it is proved", async () => {
    const key = await makeKey("laptop of ann");
    publish("ann", key.line);
    const importId = await addGitHub(ann, "ann");
    await decide(ann, importId, key.print, "take");
    expect(await myKeys(ann)).toMatchObject([
      { name: "laptop of ann", origin: "imported", provedAt: null, fingerprint: key.print },
    ]);
    expect(await listKeyOwners(db)).toEqual([]);
    expect((await show(ann)).first.keys).toMatchObject([{ state: "known", isProved: false }]);
    await expect(decide(ann, importId, key.print, "take")).rejects.toThrow(/stands no more/);
    const row = await db.activity.findFirstOrThrow({ orderBy: { seq: "desc" }, where: { outcome: "done" } });
    expect(row).toMatchObject({
      action: "key-import.decide",
      detail: { decision: "take", fingerprint: key.print, provider: "github", name: "ann" },
    });
  });

  test("that is declined is not proposed again, and may still be taken", async () => {
    const key = await makeKey("one");
    publish("declined", key.line);
    const importId = await addGitHub(ann, "declined");
    await decide(ann, importId, key.print, "decline");
    await reread(importId);
    expect((await show(ann)).states).toEqual({ one: "declined" });
    await decide(ann, importId, key.print, "take");
    expect((await show(ann)).states).toEqual({ one: "known" });
  });

  test("of a key that is somebody else's is refused, and says whose only to those who may know", async () => {
    const key = await makeKey("shared");
    publish("bob", key.line);
    publish("ann2", key.line);
    await decide(bob, await addGitHub(bob, "bob"), key.print, "take");
    const importId = await addGitHub(ann, "ann2");
    const mine = await show(ann);
    expect(mine.first.keys).toMatchObject([{ state: "taken", owner: null }]);
    await expect(decide(ann, importId, key.print, "take")).rejects.toThrow(/somebody else/);
    await expect(decide(ann, importId, key.print, "take")).rejects.not.toThrow(/Bob/);
    expect((await show(admin, ann.personId)).first.keys).toMatchObject([{ state: "taken", owner: "Bob" }]);
    expect(await myKeys(ann)).toEqual([]);
  });

  test("that two people accept at the same moment is one person's", async () => {
    const key = await makeKey("race");
    publish("race", key.line);
    const imports = [await addGitHub(ann, "race"), await addGitHub(bob, "race")] as const;
    const results = await Promise.allSettled([
      decide(ann, imports[0], key.print, "take"),
      decide(bob, imports[1], key.print, "take"),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await db.personKey.count({ where: { removedAt: null } })).toBe(1);
  });

  test("needs a fresh touch, a key that is in the list, and an answer that fits", async () => {
    const key = await makeKey("one");
    publish("touch", key.line);
    const importId = await addGitHub(ann, "touch");
    const input = { importId, fingerprint: key.print, decision: "take" };
    await expect(act(decideImportedKey, input, { ...ann, steppedUpAt: null }, origin)).rejects.toMatchObject({
      code: "step_up_required",
    });
    await expect(decide(ann, importId, (await makeKey("other")).print, "take")).rejects.toThrow(
      /stands no more/,
    );
    for (const decision of ["remove", "keep"])
      await expect(decide(ann, importId, key.print, decision)).rejects.toThrow(/stands no more/);
    await expect(decide(ann, importId, key.print, "give")).rejects.toMatchObject({ code: "invalid" });
    await expect(decide(ann, importId, "SHA256:x", "take")).rejects.toMatchObject({ code: "invalid" });
    expect(await myKeys(ann)).toEqual([]);
  });
});

describe("a key that is gone there", () => {
  async function withThree(name: string) {
    const keys = await Promise.all(["one", "two", "three"].map(makeKey));
    publish(name, ...keys.map(({ line }) => line));
    const importId = await addGitHub(ann, name);
    for (const { print } of keys) await decide(ann, importId, print, "take");
    return { importId, keys: keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]] };
  }

  test("stays here until a person removes it; with others left there is no alarm", async () => {
    const { importId, keys } = await withThree("gone");
    publish("gone", keys[0].line, keys[1].line);
    await reread(importId);
    const { first, states } = await show(ann);
    expect(first.alarmedAt).toBeNull();
    expect(states).toEqual({ one: "known", two: "known", three: "gone" });
    expect(await myKeys(ann)).toHaveLength(3);
    await decide(ann, importId, keys[2].print, "remove");
    expect(await myNames(ann)).toEqual(["one", "two"]);
    expect((await show(ann)).states).toEqual({ one: "known", two: "known" });
  });

  test("and is the last that opens an account is kept from its owner's click, not from an admin's", async () => {
    const { importId, keys } = await withThree("last");
    await db.personKey.updateMany({ data: { provedAt: at.value } });
    const hostId = await addReadHost(db, [{ account: "alice", fingerprint: keys[2].print }], "db-1");
    publish("last", keys[0].line, keys[1].line);
    await reread(importId);
    await expect(decide(ann, importId, keys[2].print, "remove")).rejects.toThrow(
      "No other key of yours opens alice on db-1.",
    );
    await decide(admin, importId, keys[2].print, "remove");
    expect(await myNames(ann)).toEqual(["one", "two"]);
    await db.host.delete({ where: { id: hostId } });
  });

  test("may be kept, and is known again when it comes back", async () => {
    const { importId, keys } = await withThree("back");
    publish("back", keys[0].line, keys[1].line);
    await reread(importId);
    await decide(ann, importId, keys[2].print, "keep");
    await reread(importId);
    expect((await show(ann)).states).toMatchObject({ three: "kept" });
    publish("back", ...keys.map(({ line }) => line));
    await reread(importId);
    expect((await show(ann)).states).toMatchObject({ three: "known" });
  });

  test("is not removed while a new one waits: add before remove", async () => {
    const { importId, keys } = await withThree("rotated");
    const fresh = await makeKey("fresh");
    publish("rotated", keys[0].line, keys[1].line, fresh.line);
    await reread(importId);
    await expect(decide(ann, importId, keys[2].print, "remove")).rejects.toThrow(
      /Add before you remove: one new key/,
    );
    expect(await myKeys(ann)).toHaveLength(3);
    await decide(ann, importId, fresh.print, "take");
    await decide(ann, importId, keys[2].print, "remove");
    expect(await myNames(ann)).toEqual(["fresh", "one", "two"]);
  });

  test("with most others raises an alarm, before whose end none is removed", async () => {
    const { importId, keys } = await withThree("emptied");
    publish("emptied", keys[0].line);
    await reread(importId);
    expect((await show(ann)).first.alarmedAt).not.toBeNull();
    await expect(decide(ann, importId, keys[1].print, "remove")).rejects.toThrow(/vanished there at once/);
    pass(24);
    await reread(importId); // the same state a day later is no all-clear
    await expect(decide(ann, importId, keys[1].print, "remove")).rejects.toThrow(/vanished there at once/);
    await expect(
      act(acknowledgeKeyAlarm, { importId }, { ...ann, steppedUpAt: null }, origin),
    ).rejects.toMatchObject({ code: "step_up_required" });
    await act(acknowledgeKeyAlarm, { importId }, as(ann), origin);
    await decide(ann, importId, keys[1].print, "remove");
    expect(await myNames(ann)).toEqual(["one", "three"]);
  });

  test("with all others, by an empty answer, is the same alarm, and it ends when they come back", async () => {
    const { importId, keys } = await withThree("empty");
    publish("empty", "");
    await reread(importId);
    expect((await show(ann)).first.alarmedAt).not.toBeNull();
    expect(await myKeys(ann)).toHaveLength(3);
    publish("empty", ...keys.map(({ line }) => line));
    await reread(importId);
    expect((await show(ann)).first.alarmedAt).toBeNull();
    await expect(act(acknowledgeKeyAlarm, { importId }, as(ann), origin)).rejects.toThrow(/no alarm/);
  });

  test("and that nobody took is forgotten; one removed here and still there is proposed anew", async () => {
    const { importId, keys } = await withThree("forgotten");
    const more = await makeKey("more");
    publish("forgotten", ...keys.map(({ line }) => line), more.line);
    await reread(importId);
    const one = (await myKeys(ann)).find(({ name }) => name === "one");
    await act(removeKey, { keyId: one?.id }, as(ann), origin);
    publish("forgotten", ...keys.map(({ line }) => line));
    await reread(importId);
    const { states, first: view } = await show(ann);
    expect(states).toEqual({ one: "new", two: "known", three: "known" });
    expect(view.alarmedAt).toBeNull();
  });
});

describe("a subscription", () => {
  test("is read when it is due, and only then", async () => {
    publish("daily", (await makeKey("one")).line);
    const importId = await addGitHub(ann, "daily");
    await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
    const sweep = () =>
      keyImportJobs["key-import.sweep"](
        {},
        { ...never, workerId: "w", attempt: 1, isLastAttempt: true, openBox: () => Buffer.alloc(0) },
      );
    pass(48);
    await sweep();
    expect(await jobs()).toEqual([]);
    await act(subscribeKeyImport, { importId, isSubscribed: true }, ann, origin);
    await sweep();
    expect(await jobs()).toEqual(["key-import.read"]);
    await reread(importId);
    await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
    pass(23);
    await sweep();
    expect(await jobs()).toEqual([]);
    pass(1);
    await sweep();
    await sweep();
    expect(await jobs()).toEqual(["key-import.read"]);
    await act(subscribeKeyImport, { importId, isSubscribed: false }, ann, origin);
    expect((await show(ann)).first.nextReadAt).toBeNull();
  });
});

describe("whose imports", () => {
  test("a person sees and changes are his own; admins those of others; owners' only owners", async () => {
    const owner = await addActor(db, "owner", "Olga");
    publish("roles", (await makeKey("one")).line);
    const importId = await addGitHub(ann, "roles");
    const ownersImport = await addGitHub(owner, "roles");
    pass(1);
    for (const role of roles) {
      const actor = await addActor(db, role, `Other ${role}`);
      const seen = read(listKeyImports, { personId: ann.personId }, actor, origin);
      if (["owner", "admin", "auditor"].includes(role)) {
        const { canWrite } = await seen;
        expect(canWrite).toBe(role !== "auditor");
      } else await expect(seen).rejects.toMatchObject({ code: "not_found" });
      const code = {
        owner: null,
        admin: null,
        auditor: "forbidden",
        operator: "not_found",
        member: "not_found",
      }[role];
      const acts = [
        act(
          addKeyImport,
          { personId: ann.personId, provider: "github", name: `by-${role}` },
          as(actor),
          origin,
        ),
        act(subscribeKeyImport, { importId, isSubscribed: true }, as(actor), origin),
      ];
      for (const promise of acts)
        if (code) await expect(promise, role).rejects.toMatchObject({ code });
        else await promise;
      const onOwner = act(
        subscribeKeyImport,
        { importId: ownersImport, isSubscribed: true },
        as(actor),
        origin,
      );
      if (role === "owner") await onOwner;
      else await expect(onOwner, role).rejects.toMatchObject({ code: code ?? "forbidden" });
    }
    for (const useCase of [readKeyImport, removeKeyImport, acknowledgeKeyAlarm])
      await expect(act(useCase, { importId }, as(bob), origin)).rejects.toMatchObject({ code: "not_found" });
    await expect(decide(bob, importId, (await makeKey("x")).print, "take")).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("the list of allowed addresses is written by owners and admins with a touch, and read by auditors", async () => {
    const prefix = "https://keys.example.org/people/";
    for (const role of roles) {
      const actor = await addActor(db, role, `Settings ${role}`);
      const mayWrite = role === "owner" || role === "admin";
      for (const useCase of [allowKeySource, forbidKeySource]) {
        const promise = act(useCase, { prefix }, as(actor), origin);
        if (mayWrite) await promise;
        else await expect(promise).rejects.toMatchObject({ code: "forbidden" });
        await expect(act(useCase, { prefix }, { ...actor, steppedUpAt: null }, origin)).rejects.toMatchObject(
          {
            code: mayWrite ? "step_up_required" : "forbidden",
          },
        );
      }
      const list = read(listKeySources, {}, actor, origin);
      if (mayWrite || role === "auditor") expect((await list).canWrite).toBe(mayWrite);
      else await expect(list).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(
      act(allowKeySource, { prefix: "https://10.0.0.1/" }, as(admin), origin),
    ).rejects.toMatchObject({
      code: "invalid",
      fields: { prefix: expect.any(String) },
    });
  });
});

test("a place is named once, in a name that the provider knows, and not asked again at once", async () => {
  const add = (name: string, from = "github") =>
    act(addKeyImport, { personId: ann.personId, provider: from, name }, ann, origin);
  const { importId } = await add("Ann");
  await expect(add("ann")).rejects.toMatchObject({ code: "conflict" });
  await expect(add("-ann")).rejects.toMatchObject({ code: "invalid", fields: { name: expect.any(String) } });
  await expect(add("https://keys.example.org/x", "url")).rejects.toMatchObject({ code: "invalid" });
  await expect(act(readKeyImport, { importId }, ann, origin)).rejects.toMatchObject({
    code: "throttled",
    retryAfterSeconds: expect.any(Number),
  });
  pass(0.01);
  await act(readKeyImport, { importId }, ann, origin);
  for (let index = 1; index < 20; index++) await add(`more-${index}`);
  await expect(add("too-many")).rejects.toThrow(/20 imports at most/);
});
