import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChangeState } from "@/lib/change/machine";
import { now, sleep } from "@/lib/clock";
import { accessJobs } from "@/lib/features/access/jobs";
import { randomHostRef } from "@/lib/features/changes/commands";
import { changeJobs } from "@/lib/features/changes/jobs";
import { noncePlace } from "@/lib/features/changes/nonce";
import { configJobs } from "@/lib/features/config/jobs";
import { hostCodeJobs } from "@/lib/features/host-codes/jobs";
import { enrolByLogin } from "@/lib/features/hosts/enrol-commands";
import { hostJobs } from "@/lib/features/hosts/jobs";
import { managementKeyPlace } from "@/lib/features/hosts/reach";
import type { Prisma } from "@/lib/generated/prisma/client";
import { type JobName, jobCatalogue } from "@/lib/jobs/catalogue";
import type { JobContext } from "@/lib/jobs/handlers";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { makeBoxKey, openBox } from "@/lib/secrets/box";
import { sealingKeyOf } from "@/lib/secrets/key-file";
import { type Sealer, sealerOf } from "@/lib/secrets/sealer";
import { Secret } from "@/lib/secrets/secret";
import { fingerprintOf, generateManagementKey, type ManagementKey } from "@/lib/ssh/keys";
import { type ManInTheMiddle, openManInTheMiddle } from "@/lib/ssh/testing/man-in-the-middle";
import { addActor, agentFile, answerWith, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Actor, act } from "@/lib/usecase";

// Somebody sits between us and a host, with a host key of his own, and lets everybody in. At every stage at which a worker
// opens a connection he gets no name, no credential and no byte after he has shown his key.

const db = await openDatabase();
const box = makeBoxKey();
const workerId = randomUUID();
const main = "/etc/ssh/sshd_config";
/** The host that we know, and that never answers here. */
const known = generateManagementKey("the host that we know");
let admin: Actor;
let sealer: Sealer;
let middle: ManInTheMiddle;

beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
  sealer = sealerOf(sealingKeyOf(readFileSync(process.env.GATEHOUSE_WORKER_KEY_FILE ?? "")));
  middle = await openManInTheMiddle();
  await db.$executeRaw`
    INSERT INTO "Worker" (id, "boxPublicKey", version, hostname, pools, "seenAt")
    VALUES (${workerId}, ${box.publicKey}, 'test', 'test', '{}', now())`;
});
afterAll(() => middle?.close());

const blobOf = ({ publicKey }: ManagementKey) => parsePublicKey(publicKey)?.blob ?? expect.fail("no key");

/** A host whose address leads to him; its pin is that of the host that we know. */
async function addHost(
  state: "managed" | "enrolling" | "archived" = "managed",
  pin = known,
): Promise<string> {
  const id = randomUUID();
  const key = generateManagementKey("gatehouse:test");
  await db.host.create({
    data: {
      id,
      name: `web-${randomBytes(4).toString("hex")}`,
      address: "127.0.0.1",
      port: middle.port,
      state,
      agentVersion: "1",
      managementPublicKey: key.publicKey,
      managementKeySealed: Buffer.from(sealer.sealText(managementKeyPlace(id), key.privateKey)),
      pins: {
        create: {
          type: "ssh-ed25519",
          blob: Buffer.from(blobOf(pin)),
          fingerprint: fingerprintOf(blobOf(pin)),
          origin: "install report",
        },
      },
    },
  });
  return id;
}

async function addEnrolment(hostId: string, way: "command" | "login", state: string): Promise<string> {
  const data = {
    hostId,
    way,
    state,
    createdById: admin.personId,
    expiresAt: new Date(now().getTime() + 1e6),
  };
  return (await db.enrolment.create({ data })).id;
}

async function addOperation(hostId: string, kind: string, input: Prisma.InputJsonObject): Promise<string> {
  return (await db.operation.create({ data: { hostId, kind, input, actorId: admin.personId } })).id;
}

/** A change in any state of its life, as the worker would find it. */
async function addChange(
  hostId: string,
  state: ChangeState,
  more: Partial<Prisma.ChangeUncheckedCreateInput> = {},
) {
  const id = randomUUID();
  const wasSent = state !== "planning" && state !== "applying";
  await db.change.create({
    data: {
      id,
      hostRef: randomHostRef(),
      hostId,
      path: main,
      fileSha256Id: "0".repeat(64),
      baseSha256: "1".repeat(64),
      baseContent: "UseDNS no\n",
      content: "UseDNS yes\n",
      newSha256: "2".repeat(64),
      state,
      authorId: admin.personId,
      keepBy: "login",
      deadlineSeconds: 60,
      ...(wasSent && {
        sentAt: now(),
        appliedAt: now(),
        rollbackAt: new Date(now().getTime() + 60_000),
        nonceSealed: Buffer.from(sealer.sealText(noncePlace(id), new Secret("n".repeat(64)))),
      }),
      ...more,
    },
  });
  return id;
}

const keyChange = {
  kind: "keys",
  account: "alice",
  path: "/home/alice/.ssh/authorized_keys",
  keyEdits: [{ kind: "remove", fingerprint: `SHA256:${"A".repeat(43)}` }],
  keyBytes: Buffer.from(`${known.publicKey}\n`),
};

async function addPlacement(hostId: string): Promise<string> {
  const { personId } = admin;
  const code = await db.hostCode.create({
    data: { personId, kind: "totp", secretSealed: Buffer.from("x"), position: 0n, createdById: personId },
  });
  const data = {
    codeId: code.id,
    hostId,
    account: "alice",
    act: "remove",
    actId: randomUUID(),
    state: "waiting",
  };
  return (await db.hostCodePlacement.create({ data })).id;
}

/** Each stage: what is there when the worker comes to it, and the worker's own job. */
interface Stage {
  readonly job: JobName;
  readonly what: string;
  run(context: JobContext): Promise<unknown>;
}

const change =
  (state: ChangeState, more: Partial<Prisma.ChangeUncheckedCreateInput> = {}): Stage["run"] =>
  async (context) => {
    const changeId = await addChange(await addHost(), state, more);
    if (state === "planning") await changeJobs["change.plan"]({ changeId }, context);
    else await changeJobs["change.drive"]({ changeId }, context);
  };
const operation =
  (kind: string, input: Prisma.InputJsonObject = {}): Stage["run"] =>
  async (context) => {
    const operationId = await addOperation(await addHost(), kind, input);
    await hostJobs["host.operate"]({ operationId }, context);
  };
const past = { rollbackAt: new Date(0) };

const stages: readonly Stage[] = [
  {
    job: "host.enrol-by-login",
    what: "enrol: with the operator's password, the key compared before",
    async run(context) {
      const hostId = await addHost("enrolling");
      const enrolmentId = await addEnrolment(hostId, "login", "compare");
      const fingerprint = fingerprintOf(blobOf(known));
      const blob = Buffer.from(blobOf(known)).toString("base64");
      const offeredKeys = [{ type: "ssh-ed25519", fingerprint, blob }];
      await db.enrolment.update({ where: { id: enrolmentId }, data: { offeredKeys } });
      const credential = { kind: "password" as const, password: "planted-root-password" };
      await act(
        enrolByLogin,
        { hostId, enrolmentId, fingerprint, username: "root", credential },
        admin,
        origin,
      );
      await hostJobs["host.enrol-by-login"]({ enrolmentId }, context);
    },
  },
  {
    job: "host.first-contact",
    what: "enrol: the first login after an install command",
    async run(context) {
      const enrolmentId = await addEnrolment(await addHost("enrolling"), "command", "connecting");
      await hostJobs["host.first-contact"]({ enrolmentId }, context);
    },
  },
  {
    job: "host.heartbeat",
    what: "the heartbeat",
    run: async (context) => hostJobs["host.heartbeat"]({ hostId: await addHost() }, context),
  },
  { job: "host.operate", what: "accounts are read", run: operation("accounts") },
  {
    job: "host.operate",
    what: "a package is upgraded",
    run: operation("packages", { action: "upgrade", name: "openssh-server" }),
  },
  { job: "host.operate", what: "the agent is updated", run: operation("update-agent") },
  { job: "host.operate", what: "the host is removed", run: operation("remove", { evenIfUnreachable: true }) },
  {
    job: "config.read",
    what: "read: the configuration",
    run: async (context) => configJobs["config.read"]({ hostId: await addHost() }, context),
  },
  {
    job: "config.check",
    what: "check: a draft",
    async run(context) {
      const hostId = await addHost();
      await answerWith(db, hostId, [agentFile(main, "UseDNS no\n")]);
      const { id: fileId } = await db.configFile.findFirstOrThrow({ where: { hostId } });
      const operationId = await addOperation(hostId, "check", { fileId, content: "Banner /etc/planted\n" });
      await configJobs["config.check"]({ operationId }, context);
    },
  },
  {
    job: "access.collect",
    what: "read: who can log in",
    run: async (context) => accessJobs["access.collect"]({ hostId: await addHost() }, context),
  },
  {
    job: "host-code.read",
    what: "read: state files of one-time codes",
    run: async (context) => hostCodeJobs["host-code.read"]({ hostId: await addHost() }, context),
  },
  {
    job: "host-code.drive",
    what: "one-time codes are taken off",
    run: async (context) =>
      hostCodeJobs["host-code.drive"]({ placementId: await addPlacement(await addHost()) }, context),
  },
  {
    job: "host-code.mend-foreign",
    what: "modes of a state file are mended",
    run: async (context) =>
      hostCodeJobs["host-code.mend-foreign"]({ hostId: await addHost(), account: "alice" }, context),
  },
  { job: "change.plan", what: "plan", run: change("planning") },
  { job: "change.plan", what: "plan: keys of a batch", run: change("planning", keyChange) },
  { job: "change.drive", what: "apply", run: change("applying") },
  { job: "change.drive", what: "apply: keys of a batch", run: change("applying", keyChange) },
  { job: "change.drive", what: "confirm: the fresh login that proves", run: change("proving") },
  { job: "change.drive", what: "confirm: keys of a batch", run: change("proving", keyChange) },
  {
    job: "change.drive",
    what: "confirm: the proof before a person keeps it",
    run: change("proving", { keepBy: "person" }),
  },
  {
    job: "change.drive",
    what: "confirm: a person keeps it",
    run: change("confirming", { keepBy: "person" }),
  },
  {
    job: "change.drive",
    what: "the deadline has passed while a person thought",
    run: change("awaiting_person", { keepBy: "person", ...past }),
  },
  { job: "change.drive", what: "undo", run: change("rolling_back") },
  { job: "change.drive", what: "undo, after its deadline", run: change("rolling_back", past) },
  { job: "change.drive", what: "asking what became of it", run: change("unknown") },
];

/** Jobs that open no connection to a host: they work on what is stored, or begin others. */
const without: ReadonlySet<JobName> = new Set<JobName>([
  "host.make-key",
  "host.heartbeat-all",
  "config.sweep",
  "access.sweep",
  "access.derive",
  "review.watch",
  "key-import.read",
  "key-import.sweep",
  "host-code.sweep",
  "host-code.follow",
  "access-rules.check",
  "access-rules.check-all",
  "change.reconcile",
  "activity.checkpoint",
  "key-fleet.drive",
  "key-fleet.sweep",
  "jobs.tidy",
]);

/** Runs a job until it ends; one that goes on asking a host that is not to be asked any more is stopped. */
async function runStage(stage: Stage): Promise<void> {
  const stopping = new AbortController();
  const context: JobContext = {
    workerId,
    attempt: 1,
    isLastAttempt: true,
    signal: stopping.signal,
    openBox: (sealed, of) => openBox(box.privateKey, sealed, of),
  };
  const before = middle.connections.length;
  let hasEnded = false;
  const run = stage.run(context).finally(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    await Promise.race([run, sleep(0.05)]);
    const wasShown = middle.connections.slice(before).some(({ sawHostKey }) => sawHostKey);
    if (wasShown && (await isOver())) stopping.abort();
  }
}

/** Nothing more is sent to any of the hosts: each is marked, or none of them is managed. */
async function isOver(): Promise<boolean> {
  return (await db.host.count({ where: { state: "managed" } })) === 0;
}

const tally = { test: "man-in-the-middle", stages: 0, connections: 0, sent: 0, bytes: 0, logins: 0 };

describe("a man in the middle gets nothing", () => {
  test.each(stages.map((stage) => [stage.what, stage] as const))("%s", async (_, stage) => {
    await db.host.deleteMany();
    const before = middle.connections.length;
    await runStage(stage);
    const caught = middle.connections.slice(before);
    expect(caught.length, "he was reached").toBeGreaterThan(0);
    for (const one of caught) expect(one).toEqual({ sawHostKey: true, sent: [], bytes: 0 });
    expect(middle.logins).toEqual([]);
    tally.stages += 1;
    tally.connections += caught.length;
    tally.bytes += caught.reduce((sum, { bytes }) => sum + bytes, 0);
    tally.sent += caught.filter(({ sent }) => sent.length > 0).length;
  });

  test("and a host that was managed is marked, its key kept as evidence", async () => {
    await db.host.deleteMany();
    const hostId = await addHost();
    const stage = stages.find(({ job }) => job === "config.read") ?? expect.fail();
    await runStage({ ...stage, run: (context) => configJobs["config.read"]({ hostId }, context) });
    expect(await db.host.findUniqueOrThrow({ where: { id: hostId } })).toMatchObject({
      state: "key_changed",
    });
    const offered = await db.hostKeyPin.findFirst({ where: { hostId, offeredAt: { not: null } } });
    expect(offered?.fingerprint).toBe(fingerprintOf(blobOf(middle.key)));
    const before = middle.connections.length;
    await configJobs["config.read"]({ hostId }, jobContext());
    expect(middle.connections.length).toBe(before);
  });
});

const jobContext = (): JobContext => ({
  workerId,
  attempt: 1,
  isLastAttempt: true,
  signal: new AbortController().signal,
  openBox: (sealed, of) => openBox(box.privateKey, sealed, of),
});

test("looking at host keys, before there is a pin, shows him no name and no credential", async () => {
  const hostId = await addHost("enrolling");
  const enrolmentId = await addEnrolment(hostId, "login", "connecting");
  const before = middle.connections.length;
  await hostJobs["host.look-at-keys"]({ enrolmentId }, jobContext());
  const caught = middle.connections.slice(before);
  expect(caught.some(({ sawHostKey }) => sawHostKey)).toBe(true);
  for (const { sent } of caught) expect(sent).toEqual([]);
  expect(middle.logins).toEqual([]);
});

test("every job that opens a connection is among them", () => {
  const covered = new Set<JobName>([...stages.map(({ job }) => job), ...without, "host.look-at-keys"]);
  expect(Object.keys(jobCatalogue).filter((name) => !covered.has(name as JobName))).toEqual([]);
});

test("the trap itself bites: with his key pinned he is told the name, and sees encrypted bytes", async () => {
  const hostId = await addHost("managed", middle.key);
  const before = middle.connections.length;
  const stopping = new AbortController();
  const run = hostJobs["host.heartbeat"]({ hostId }, { ...jobContext(), signal: stopping.signal });
  await expect.poll(() => middle.logins.length, { timeout: 20_000 }).toBeGreaterThan(0);
  stopping.abort();
  await middle.close();
  await run.catch(() => {});
  expect(middle.connections[before]?.sent).toContain(21);
  expect(middle.connections[before]?.bytes).toBeGreaterThan(0);
  console.log(JSON.stringify({ ...tally, logins: 0 }));
  expect(tally).toMatchObject({ stages: stages.length, sent: 0, bytes: 0 });
});
