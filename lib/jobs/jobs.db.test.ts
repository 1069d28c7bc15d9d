import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { env } from "@/lib/env";
import { type JobName, payloadSchemas } from "@/lib/jobs/catalogue";
import { enqueue, enqueueEach, hostQueue } from "@/lib/jobs/enqueue";
import type { JobContext, JobHandlers } from "@/lib/jobs/handlers";
import { beat, findLiveWorkers, lifelineOf, recoverJobs } from "@/lib/jobs/liveness";
import { tidy } from "@/lib/jobs/tidy";
import { type RunningWorker, startWorker } from "@/lib/jobs/worker";
import { sealToBox } from "@/lib/secrets/box";
import { openDatabase } from "@/lib/testing/database";

const db = await openDatabase();
const hostId = randomUUID();
const running: RunningWorker[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.stop()));
});
beforeEach(async () => {
  await db.worker.deleteMany();
  await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
});

/** Handlers that do nothing, but for one. */
async function start(
  name: JobName,
  run: (payload: Record<string, string>, context: JobContext) => Promise<void>,
): Promise<RunningWorker> {
  const names = Object.keys(payloadSchemas).map((key) => [key, key === name ? run : async () => {}]);
  const worker = await startWorker(Object.fromEntries(names) as JobHandlers, "test");
  running.push(worker);
  return worker;
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 20) {
    if (waited > 30_000) throw new Error("it did not come true within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const jobs = () =>
  db.$queryRaw<
    { name: string; payload: unknown; key: string | null; lockedBy: string | null; runAt: Date }[]
  >`
    SELECT t.identifier AS name, j.payload, j.key, j.locked_by AS "lockedBy", j.run_at AS "runAt"
    FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id ORDER BY j.id`;

describe("enqueue", () => {
  test("in a transaction that fails leaves no job", async () => {
    const failing = db.$transaction(async (tx) => {
      await enqueue(tx, "host.make-key", { hostId });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await jobs()).toEqual([]);
  });

  test("refuses a payload that carries more than its ids", async () => {
    const payload = { hostId, password: "secret" };
    await expect(db.$transaction((tx) => enqueue(tx, "host.make-key", payload))).rejects.toThrow(/password/);
  });

  test("refuses a queue for a job that a worker takes together with others", async () => {
    const queued = db.$transaction((tx) =>
      enqueue(tx, "change.drive", { changeId: hostId }, { queue: hostQueue(hostId) }),
    );
    await expect(queued).rejects.toThrow(/none of the jobs that run in a queue/);
  });

  test("with a key twice is one job", async () => {
    await db.$transaction(async (tx) => {
      await enqueue(tx, "host.heartbeat", { hostId }, { jobKey: "k" });
      await enqueue(tx, "host.heartbeat", { hostId }, { jobKey: "k" });
    });
    expect(await jobs()).toHaveLength(1);
  });
});

describe("a worker", () => {
  test("runs a job with what it needs to know, and opens what was sealed to its memory", async () => {
    const seen: [unknown, JobContext][] = [];
    const worker = await start(
      "host.make-key",
      async (payload, context) => void seen.push([payload, context]),
    );
    await db.$transaction((tx) => enqueue(tx, "host.make-key", { hostId }, { attempts: 1 }));
    await until(() => seen.length === 1);
    const [payload, context] = seen[0] ?? expect.fail();
    expect(payload).toEqual({ hostId });
    expect(context).toMatchObject({ workerId: worker.id, attempt: 1, isLastAttempt: true });
    const [live] = await findLiveWorkers(db);
    const sealed = sealToBox(live?.boxPublicKey ?? expect.fail(), Buffer.from("x"), "enrolment:1");
    expect(context.openBox(sealed, "enrolment:1").toString()).toBe("x");
    expect(() => context.openBox(sealed, "enrolment:2")).toThrow();
  });

  test("of two, each job runs once", async () => {
    const runs: string[] = [];
    const note = async (payload: Record<string, string>) => void runs.push(payload.hostId ?? "");
    await start("host.make-key", note);
    await start("host.make-key", note);
    const ids = Array.from({ length: 200 }, () => randomUUID());
    const payloads = ids.map((id) => ({ hostId: id }));
    await db.$transaction((tx) => enqueueEach(tx, "host.make-key", payloads));
    await until(async () => (await jobs()).length === 0);
    expect(runs.toSorted()).toEqual(ids.toSorted());
  });

  test("runs the jobs of one host one after the other, in order", async () => {
    const notes: string[] = [];
    await start("host.operate", async ({ operationId }) => {
      notes.push(`begin ${operationId}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      notes.push(`end ${operationId}`);
    });
    const [one, two] = [randomUUID(), randomUUID()];
    await db.$transaction(async (tx) => {
      for (const operationId of [one, two])
        await enqueue(tx, "host.operate", { operationId }, { queue: hostQueue(hostId) });
    });
    await until(() => notes.length === 4);
    expect(notes).toEqual([`begin ${one}`, `end ${one}`, `begin ${two}`, `end ${two}`]);
  });

  test("beats hearts while every other place is taken", async () => {
    let hearts = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const names = Object.keys(payloadSchemas).map((key) => [
      key,
      key === "host.heartbeat" ? async () => void hearts++ : () => held,
    ]);
    running.push(await startWorker(Object.fromEntries(names) as JobHandlers, "test"));
    await db.$transaction(async (tx) => {
      for (let i = 0; i < 40; i++) await enqueue(tx, "host.operate", { operationId: randomUUID() });
      await enqueue(tx, "host.heartbeat", { hostId });
    });
    await until(() => hearts === 1);
    release();
  });

  test("that stops tells its running jobs, and gives back what it did not begin", async () => {
    let aborted = false;
    const worker = await start("host.operate", async (_, { signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted = true;
      throw new Error("stopped in the middle");
    });
    await db.$transaction((tx) => enqueue(tx, "host.operate", { operationId: randomUUID() }));
    await until(async () => (await jobs()).some((job) => job.lockedBy !== null));
    await worker.stop();
    expect(aborted).toBe(true);
    expect(await jobs()).toMatchObject([{ lockedBy: null }]);
    expect(await db.worker.count({ where: { id: worker.id } })).toBe(0);
  }, 40_000);

  test("that others declared dead says so and ends", async () => {
    const worker = await start("host.operate", async () => {});
    await db.worker.delete({ where: { id: worker.id } });
    await expect(worker.failed).rejects.toThrow(/silent for too long/);
  });
});

describe("what a dead worker left", () => {
  async function hold(pool: string, heldSeconds: number): Promise<void> {
    await db.$transaction((tx) =>
      enqueue(tx, "host.operate", { operationId: randomUUID() }, { queue: `q-${pool}` }),
    );
    await db.$executeRaw`
      UPDATE graphile_worker._private_jobs SET locked_by = ${pool}, locked_at = now() - make_interval(secs => ${heldSeconds})
      WHERE locked_by IS NULL`;
    await db.$executeRaw`
      UPDATE graphile_worker._private_job_queues SET locked_by = ${pool}, locked_at = now() WHERE queue_name = ${`q-${pool}`}`;
  }
  const register = (id: string, pools: string[], silentSeconds: number) => db.$executeRaw`
    INSERT INTO "Worker" (id, "boxPublicKey", version, hostname, pools, "seenAt")
    VALUES (${id}, '\\x00', 'test', 'test', ${pools}, now() - make_interval(secs => ${silentSeconds}))`;

  test("is given back with its queue; what a live one holds is not", async () => {
    await register("dead", ["pool-dead"], 31);
    await register("live", ["pool-live"], 5);
    await hold("pool-dead", 600);
    await hold("pool-live", 600);
    expect(await recoverJobs(db)).toBe(1);
    expect((await jobs()).map((job) => job.lockedBy)).toEqual([null, "pool-live"]);
    const queues = await db.$queryRaw`
      SELECT queue_name FROM graphile_worker._private_job_queues WHERE locked_by = 'pool-dead'`;
    expect(queues).toEqual([]);
    expect((await findLiveWorkers(db)).map((worker) => worker.id)).toEqual(["live"]);
    expect(await beat(db, "dead")).toBe(false);
  });

  test("is given back within seconds when its lock is gone, but not while it holds it", async () => {
    const lifeline = lifelineOf(env().databaseUrl, "frozen");
    await lifeline.hold();
    await register("frozen", ["pool-frozen"], 12);
    await register("killed", ["pool-killed"], 12);
    await hold("pool-frozen", 600);
    await hold("pool-killed", 600);
    await until(async () => (await recoverJobs(db)) === 1);
    expect((await jobs()).map((job) => job.lockedBy)).toEqual(["pool-frozen", null]);
    await lifeline.release();
    await until(async () => (await recoverJobs(db)) === 1);
  }, 40_000);

  test("by one that never registered is given back too, but not in its first seconds", async () => {
    await hold("pool-new", 1);
    expect(await recoverJobs(db)).toBe(0);
    await db.$executeRaw`UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '1 minute'`;
    expect(await recoverJobs(db)).toBe(1);
  });

  test("old events and queues of removed hosts are forgotten", async () => {
    await db.event.create({
      data: { topic: "hosts", kind: "x", data: {}, createdAt: new Date(Date.now() - 25 * 3_600_000) },
    });
    await db.event.create({ data: { topic: "hosts", kind: "y", data: {} } });
    await db.$transaction((tx) =>
      enqueue(tx, "host.operate", { operationId: randomUUID() }, { queue: hostQueue(randomUUID()) }),
    );
    await db.$executeRaw`TRUNCATE graphile_worker._private_jobs`;
    await tidy();
    expect((await db.event.findMany()).map((event) => event.kind)).toEqual(["y"]);
    expect(
      await db.$queryRaw`SELECT FROM graphile_worker._private_job_queues WHERE queue_name LIKE 'host:%'`,
    ).toEqual([]);
  });
});
