import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { AgentError } from "@/lib/agent/errors";
import { hostCodeJobs } from "@/lib/features/host-codes/jobs";
import { revokeCode } from "@/lib/features/host-codes/revoke-commands";
import { judgeHost } from "@/lib/features/readiness/judge-host";
import type { JobContext } from "@/lib/jobs/handlers";
import { SshError } from "@/lib/ssh/errors";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act } from "@/lib/usecase";

let fault: Error;
vi.mock("@/lib/features/hosts/reach", async (original) => ({
  ...(await original<object>()),
  withManagedHost: async () => {
    throw fault;
  },
}));

const db = await openDatabase();
let ada: Actor;
let alice: Actor;
beforeAll(async () => {
  ada = await addActor(db, "admin", "Ada");
  alice = await addActor(db, "member", "Alice");
});

let id: string;
let hostId: string;
beforeEach(async () => {
  hostId = await addHost(db);
  const code = await db.hostCode.create({
    data: {
      ...{ id: crypto.randomUUID(), personId: alice.personId, kind: "totp", position: 0 },
      ...{ secretSealed: Uint8Array.from([1]), createdById: alice.personId, createdAt: new Date() },
    },
  });
  const placed = await db.hostCodePlacement.create({
    data: {
      ...{ codeId: code.id, hostId, account: "alice", act: "write", actId: "a".repeat(24), state: "done" },
      ...{ createdAt: new Date(), writtenAt: new Date(0) },
    },
  });
  id = placed.id;
});

const context = (attempt: number): JobContext => ({
  ...{ workerId: "test-worker", attempt, isLastAttempt: attempt === 7 },
  signal: new AbortController().signal,
  openBox: () => Buffer.alloc(0),
});
const drive = (attempt: number) =>
  hostCodeJobs["host-code.drive"]({ placementId: id }, context(attempt)).then(
    () => "settled",
    () => "tried again",
  );
const placed = () => db.hostCodePlacement.findUniqueOrThrow({ where: { id } });
const jobs = () =>
  db.$queryRaw<object[]>`SELECT key FROM graphile_worker._private_jobs WHERE key = ${`host-code:${id}`}`;

test.each<[string, Error]>([
  ["has a change open", new AgentError("pending", "a change is open")],
  ["breaks down", new AgentError("internal", "x")],
  ["has no room", new AgentError("no-space", "x")],
  ["answers gibberish", new AgentError("malformed", "x")],
  ["is away", new SshError("unreachable", "x")],
])("a revocation follows by itself when the host %s, however often", async (_, error) => {
  fault = error;
  await act(revokeCode, { placementId: id }, ada, origin);
  await drive(1);
  await drive(7);
  expect(await placed()).toMatchObject({ act: "remove", state: "waiting", endedAt: null });
  await db.$executeRaw`DELETE FROM graphile_worker._private_jobs WHERE key = ${`host-code:${id}`}`;
  await hostCodeJobs["host-code.follow"]({}, context(1));
  expect(await jobs()).toHaveLength(1);
});

test("what the host refuses ends as failed, and its codes count as revoked all the same", async () => {
  await db.accessPath.create({
    data: {
      ...{ hostId, id: "way", position: 0, account: "alice", uid: 1000, fingerprint: "SHA256:alice" },
      ...{ fingerprints: ["SHA256:alice"], keyType: "ssh-ed25519", keySources: [], factors: 1 },
      ...{ methods: "publickey", asksPassword: false, isCertain: true, from: [], limits: [] },
      ...{ firstSeenAt: new Date(), words: "alice", digest: "", view: {} },
    },
  });
  const gaps = async () =>
    (await judgeHost(db, hostId, new Date()))?.accounts.flatMap(({ gaps }) => gaps.map(({ code }) => code));
  expect(await gaps()).not.toContain("codes-being-removed");
  fault = new AgentError("refused", "There is a directory in its place.");
  await act(revokeCode, { placementId: id }, ada, origin);
  expect(await drive(1)).toBe("settled");
  expect(await placed()).toMatchObject({ act: "remove", state: "failed" });
  expect(await gaps()).toContain("codes-being-removed");
});

test("another act waits out a change that is open, and gives an absent host up sooner", async () => {
  await db.hostCodePlacement.update({ where: { id }, data: { act: "mend", state: "waiting" } });
  fault = new AgentError("pending", "a change is open");
  expect(await drive(5)).toBe("tried again");
  fault = new SshError("unreachable", "x");
  expect(await drive(4)).toBe("tried again");
  expect(await drive(5)).toBe("settled");
  expect(await placed()).toMatchObject({ act: "mend", state: "failed" });
});
