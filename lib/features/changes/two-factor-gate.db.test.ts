import { expect, test } from "vitest";
import { gateTwoFactor } from "@/lib/features/changes/two-factor-gate";
import { TwoFactorRequest } from "@/lib/features/changes/two-factor-schema";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { addActor, addHost } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { key, pamWith, readingOf, stateFile, type World } from "@/lib/testing/two-factor-world";

const db = await openDatabase();
const now = readingOf({}).at;

async function gate(hostId: string, request: object, world: World) {
  const asked = TwoFactorRequest.parse({ keyOnlyGroups: [], securityKeyGroups: [], ...request });
  const found = await gateTwoFactor(hostId, asked, readingOf(world));
  if ("refused" in found) throw new Error(found.refused);
  return found;
}

async function addWay(hostId: string, account: string, position: number) {
  const print = fingerprint(parsePublicKey(key(account))?.blob ?? expect.fail("no key"));
  await db.accessPath.create({
    data: {
      ...{ hostId, id: account, position, account, uid: 1000 + position, fingerprint: print },
      ...{ fingerprints: [print], keyType: "ssh-ed25519", methods: "publickey", keySources: [], factors: 1 },
      ...{ asksPassword: false, isCertain: true, from: [], limits: [], firstSeenAt: now, words: account },
      ...{ digest: "", view: {} },
    },
  });
}

async function except(hostId: string, account: string, more: object = {}) {
  const { personId } = await addActor(db, "admin", "Ada");
  const endsAt = new Date(now.getTime() + 86_400_000);
  await db.twoFactorException.create({
    data: { hostId, account, reason: "Backups.", endsAt, createdById: personId, ...more },
  });
}

const required: World = { pam: pamWith("optional"), secrets: [stateFile("alice")] };

test("whoever somebody answers for comes in by key alone; an answer that has ended or was taken back counts no more", async () => {
  const hostId = await addHost(db);
  for (const [position, account] of ["alice", "bob"].entries()) await addWay(hostId, account, position);
  const accountsWithProblems = async () =>
    (await gate(hostId, { step: "required" }, required)).view.problems.map(({ account }) => account);
  expect(await accountsWithProblems()).toContain("bob");
  await except(hostId, "bob", { endsAt: new Date(now.getTime() - 1000) });
  expect(await accountsWithProblems()).toContain("bob");
  await db.twoFactorException.updateMany({ where: { hostId }, data: { revokedAt: now } });
  await except(hostId, "bob");
  expect(await accountsWithProblems()).not.toContain("bob");
  const { request, view, texts } = await gate(hostId, { step: "required" }, required);
  expect(request.exceptions).toEqual([{ account: "bob", reason: "Backups.", byName: "Ada" }]);
  expect(texts.content).toContain("Match User gatehouse,bob\n");
  expect(view.accounts.rows).toContainEqual(
    expect.objectContaining({ account: "bob", asked: "key", exception: "Backups. (Ada)" }),
  );
});

test("required wants everybody who would be asked to be ready, and a host of which that is known", async () => {
  const hostId = await addHost(db);
  await addWay(hostId, "alice", 0);
  const { view } = await gate(
    hostId,
    { step: "required" },
    { ...required, accounts: [{ name: "alice", keys: key("alice") }] },
  );
  // Nothing was read of it, and nobody has shown whose key it is.
  expect(view.problems).toContainEqual({ account: null, text: expect.stringContaining("never read") });
  expect(view.problems).toContainEqual({ account: "alice", text: expect.stringContaining("not ready") });
});

test("nobody is skipped because a block lets him in by key alone from some addresses", async () => {
  const hostId = await addHost(db);
  await addWay(hostId, "alice", 0);
  const config = "Match Address 10.0.0.0/8\n\tAuthenticationMethods publickey\n";
  const { view } = await gate(
    hostId,
    { step: "required" },
    { ...required, config, accounts: [{ name: "alice", keys: key("alice") }] },
  );
  expect(view.problems).toContainEqual({ account: "alice", text: expect.stringContaining("not ready") });
  expect(view.proof).toMatchObject({ kind: "login" });
});

test("whoever was left out of what was stored refuses the requirement: nobody knows of him", async () => {
  const hostId = await addHost(db);
  await addWay(hostId, "alice", 0);
  const readAt = now;
  const partial = async (more: object) => {
    const data = { readAt, modelVersion: 1, isConsistent: true, pathsLeftOut: 0, ...more };
    await db.accessReading.upsert({ where: { hostId }, create: { hostId, ...data }, update: data });
    const { view } = await gate(hostId, { step: "required" }, required);
    return view.problems.filter(({ text }) => text.includes("Not everybody who can log in is known"));
  };
  expect(await partial({ isConsistent: false })).toEqual([]);
  expect(await partial({ pathsLeftOut: 1 })).toHaveLength(1);
});

test.each(["optional", "required"] as const)(
  "in %s, who comes in by a security key alone has one that verifies its owner",
  async (step) => {
    const hostId = await addHost(db);
    const token = SoftSecurityKey.generate("ed25519", "ssh:");
    const { type, blob } = parsePublicKey(token.line) ?? expect.fail("no key");
    const world: World = {
      pam: pamWith("optional"),
      accounts: [{ name: "sam", keys: `${token.line}\n`, groups: ["sam", "tokens"] }],
    };
    const problems = async () =>
      (await gate(hostId, { step, securityKeyGroups: ["tokens"] }, world)).view.problems.filter(
        ({ account }) => account !== null,
      );
    expect(await problems()).toEqual([
      { account: "sam", text: expect.stringContaining("no such key is known here to ask for PIN") },
    ]);
    const { personId } = await addActor(db, "member", "Sam");
    await db.personKey.create({
      data: {
        ...{ personId, fingerprint: fingerprint(blob), type, blob: new Uint8Array(blob), bits: 256 },
        ...{ name: "Token", origin: "ssh_keygen", provedAt: now, isVerifyRequired: true },
      },
    });
    expect(await problems()).toEqual([]);
  },
);
