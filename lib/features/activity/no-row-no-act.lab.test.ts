import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyChain } from "@/lib/db/activity-chain";
import { AppError } from "@/lib/errors";
import { addHost } from "@/lib/features/hosts/commands";
import { addActor, origin } from "@/lib/testing/arrange";
import { OwnCluster } from "@/lib/testing/own-cluster";
import { type Actor, act } from "@/lib/usecase";

// Root, because the disk that is full is a small one of its own.
const disk = mkdtempSync(path.join(tmpdir(), "gatehouse-full-"));
const filler = path.join(disk, "filler");
let cluster: OwnCluster;
let admin: Actor;
let count = 0;

beforeAll(async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=220m,mode=0755", "gatehouse-full", disk]);
  cluster = await OwnCluster.open(disk);
  admin = await addActor(cluster.db, "admin", "Ada");
  if (!(await add())) throw new Error("acts fail without any fault");
});
afterAll(async () => {
  await cluster?.close();
  execFileSync("umount", [disk]);
  rmSync(disk, { recursive: true });
});

/** @returns whether it was done */
async function add(): Promise<boolean> {
  count += 1;
  const input = { name: `web-${count}`, address: "192.0.2.1", port: 22, way: "command" };
  return act(addHost, input, admin, origin).then(
    () => true,
    (error) => {
      if (error instanceof AppError) throw error; // refused by us, and not for the fault
      return false;
    },
  );
}

/** Acts that were done, rows that say so, jobs that came of them, and faults of the chain. */
async function tally() {
  const { db } = cluster;
  const rows = await db.activity.findMany({ orderBy: { seq: "asc" } });
  const [jobs] = await db.$queryRaw<{ count: bigint }[]>`
    select count(*) from graphile_worker.jobs where task_identifier = 'host.make-key'`;
  return {
    acts: await db.host.count(),
    rows: rows.filter(({ action, outcome }) => action === "host.add" && outcome === "done").length,
    jobs: Number(jobs?.count),
    faults: verifyChain(rows),
  };
}

/** Leaves no byte free. */
function fill(): void {
  const file = openSync(filler, "a");
  for (const size of [1 << 20, 1 << 12]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) writeSync(file, block);
    } catch {
      // full
    }
  }
  closeSync(file);
}

/** Acts until `refusals` of them failed. */
async function addUntil(refusals: number): Promise<{ done: number; refused: number }> {
  const seen = { done: 0, refused: 0 };
  while (seen.refused < refusals && seen.done < 3000) {
    if (await add()) seen.done += 1;
    else seen.refused += 1;
  }
  return seen;
}

/** PostgreSQL may have ended its connections over it, or be recovering. */
async function untilItWorks(): Promise<void> {
  for (let waited = 0; waited < 300; waited += 1) {
    if (await add()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it does not work again after 30 s");
}

describe("no row, no act, and no act, no row", () => {
  test("while the database takes no writes", async () => {
    const { name } = cluster;
    await cluster.db.$executeRawUnsafe(`alter database "${name}" set default_transaction_read_only = on`);
    await cluster.reconnect();
    const before = await tally();
    const seen = await addUntil(20);
    expect(seen).toEqual({ done: 0, refused: 20 });
    expect(await tally()).toEqual(before);
    await cluster.db.$transaction([
      cluster.db.$executeRawUnsafe(`set local transaction_read_only = off`),
      cluster.db.$executeRawUnsafe(`alter database "${name}" reset default_transaction_read_only`),
    ]);
    await cluster.reconnect();
    await untilItWorks();
    console.log(JSON.stringify({ test: "no-row-no-act", fault: "read-only", ...seen, violations: 0 }));
  });

  test("while the database's disk is full, and it goes on when there is room", async () => {
    const before = await tally();
    fill();
    const seen = await addUntil(20);
    expect(seen.refused).toBe(20);
    rmSync(filler);
    await untilItWorks();
    const after = await tally();
    expect(after).toMatchObject({ rows: after.acts, jobs: after.acts, faults: [] });
    expect(after.acts).toBe(before.acts + seen.done + 1);
    console.log(JSON.stringify({ test: "no-row-no-act", fault: "disk-full", ...seen, violations: 0 }));
  });

  test("when the row alone cannot be written", async () => {
    await cluster.db.$executeRaw`alter table "Activity" add constraint "none" check (false) not valid`;
    const before = await tally();
    const seen = await addUntil(20);
    expect(seen).toEqual({ done: 0, refused: 20 });
    expect(await tally()).toEqual(before);
    await cluster.db.$executeRaw`alter table "Activity" drop constraint "none"`;
    await untilItWorks();
    console.log(JSON.stringify({ test: "no-row-no-act", fault: "row-refused", ...seen, violations: 0 }));
  });
});
