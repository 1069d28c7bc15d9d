import { beforeAll, describe, expect, test } from "vitest";
import { sleep } from "@/lib/clock";
import { driveKey } from "@/lib/features/changes/commands";
import { driveChange } from "@/lib/features/changes/drive";
import { takeLease } from "@/lib/features/changes/lease";
import { enqueue } from "@/lib/jobs/enqueue";
import { addActor, addHost } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import type { Actor } from "@/lib/usecase";

const db = await openDatabase();
let author: Actor;
let count = 0;

beforeAll(async () => {
  author = await addActor(db, "operator", "Alice");
});

async function changeIn(state: string): Promise<string> {
  count += 1;
  const { id } = await db.change.create({
    data: {
      hostRef: String(count).padStart(20, "a"),
      hostId: await addHost(db),
      path: "/etc/ssh/sshd_config",
      fileSha256Id: "0".repeat(64),
      baseSha256: "0".repeat(64),
      baseContent: "",
      content: "",
      newSha256: "0".repeat(64),
      state,
      authorId: author.personId,
      keepBy: "login",
      deadlineSeconds: 60,
    },
  });
  return id;
}

/** In how many seconds a driver is woken up for the change; one entry a waiting job. */
async function wakeUps(changeId: string): Promise<number[]> {
  const jobs = await db.$queryRaw<{ seconds: number }[]>`
    select extract(epoch from j.run_at - now())::float as seconds
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'change.drive' and j.payload ->> 'changeId' = ${changeId}`;
  return jobs.map(({ seconds }) => seconds);
}

const holderOf = async (id: string) => (await db.change.findUniqueOrThrow({ where: { id } })).drivenBy;

describe("the lease of a change", () => {
  test("is one driver's, and the one who comes second is woken up when it would run out", async () => {
    const id = await changeIn("proving");
    const first = await takeLease(id);
    const holder = await holderOf(id);
    expect(holder).not.toBeNull();
    expect(await takeLease(id)).toBeUndefined();
    expect(await holderOf(id)).toBe(holder);
    expect(await wakeUps(id)).toHaveLength(1);
    await first?.release("idle");
    expect(await holderOf(id)).toBeNull();
  });

  test("given back, wakes a driver up at the moment that was asked for", async () => {
    const id = await changeIn("unknown");
    const lease = await takeLease(id);
    await lease?.release({ state: "unknown", seconds: 3600 });
    const [seconds, ...more] = await wakeUps(id);
    expect(more).toEqual([]);
    expect(seconds).toBeGreaterThan(3000);
    const next = await takeLease(id);
    expect(next).toBeDefined();
    await next?.release("ended");
  });

  test("of a change that has ended leaves nobody to be woken up", async () => {
    const id = await changeIn("confirmed");
    await driveChange(id, new AbortController().signal);
    expect(await wakeUps(id)).toEqual([]);
    expect(await holderOf(id)).toBeNull();
  });

  test("of a change that is only planned calls nobody off: somebody may be applying it in this moment", async () => {
    const id = await changeIn("planned");
    await driveChange(id, new AbortController().signal);
    expect(await wakeUps(id)).toHaveLength(1);
  });

  test("given back when somebody has acted in between, puts his call off no longer", async () => {
    const id = await changeIn("awaiting_person");
    const lease = await takeLease(id);
    await db.change.update({ where: { id }, data: { state: "confirming" } });
    await lease?.release({ state: "awaiting_person", seconds: 3600 });
    const [seconds] = await wakeUps(id);
    expect(seconds).toBeLessThan(2);
  });

  test("that somebody else has taken over is not given back, nor is his waiting job called off", async () => {
    const id = await changeIn("proving");
    const late = await takeLease(id);
    await db.change.update({ where: { id }, data: { drivenBy: "another" } });
    await late?.release("ended");
    expect(await holderOf(id)).toBe("another");
    expect(await wakeUps(id)).toHaveLength(1);
  });

  test("waits for whoever has locked the change, and locks no job before it", async () => {
    const id = await changeIn("awaiting_person");
    const lease = await takeLease(id);
    let released: Promise<void> | undefined;
    await db.$transaction(async (person) => {
      await person.$executeRaw`update "Change" set state = 'confirming' where id = ${id}::uuid`;
      released = lease?.release({ state: "awaiting_person", seconds: 3600 });
      await sleep(0.5);
      // Fails with a deadlock where the release has taken the job first.
      await enqueue(person, "change.drive", { changeId: id }, { jobKey: driveKey(id) });
    });
    await released;
    const [seconds, ...more] = await wakeUps(id);
    expect(more).toEqual([]);
    expect(seconds).toBeLessThan(2);
  });

  test("is not held while a person is awaited, be the deadline ever so near", async () => {
    const id = await changeIn("awaiting_person");
    await db.change.update({ where: { id }, data: { rollbackAt: new Date(Date.now() + 5000) } });
    await driveChange(id, new AbortController().signal);
    expect(await holderOf(id)).toBeNull();
    const [seconds] = await wakeUps(id);
    expect(seconds).toBeGreaterThan(4);
  });
});
