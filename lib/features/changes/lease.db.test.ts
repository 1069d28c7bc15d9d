import { beforeAll, describe, expect, test } from "vitest";
import { driveChange } from "@/lib/features/changes/drive";
import { takeLease } from "@/lib/features/changes/lease";
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
    await first?.release(undefined);
    expect(await holderOf(id)).toBeNull();
  });

  test("given back, wakes a driver up at the moment that was asked for", async () => {
    const id = await changeIn("unknown");
    const lease = await takeLease(id);
    await lease?.release(new Date(Date.now() + 3_600_000));
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
});
