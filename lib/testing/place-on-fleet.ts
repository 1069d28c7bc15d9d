import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "@/e2e/lab/lab";
import { openPrisma } from "@/lib/db/client";
import { readAccess } from "@/lib/features/access/commands";
import { getBatch } from "@/lib/features/key-fleet/batch-queries";
import { confirmBatch } from "@/lib/features/key-fleet/commands";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant } from "@/lib/features/placements/commands";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { addActor, origin } from "@/lib/testing/arrange";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { act, read } from "@/lib/usecase";

/** How long each part of it took, in seconds. */
export interface PlacedOnFleet {
  /** The agent on every host, and a first reading of each. Not part of placing. */
  readonly enrolling: number;
  /** Every host read anew, and one plan a key file, with who gains and who loses. */
  readonly planning: number;
  /** Every plan applied, proved by a fresh login, kept, and seen by a reading afterwards. */
  readonly applying: number;
}

const seconds = (since: number) => (performance.now() - since) / 1000;

/**
 * Places one key in accounts of lab hosts as the product does: a grant by tag, a batch, the worker, the agent.
 *
 * @param url of an empty, migrated database; GATEHOUSE_WORKER_KEY_FILE must name a key
 * @param line of a .pub file
 * @throws when a host refuses
 */
export async function placeOnFleet(
  url: string,
  hosts: readonly LabHost[],
  accounts: readonly string[],
  line: string,
): Promise<PlacedOnFleet> {
  const db = openPrisma(url, 10);
  globalThis.gatehousePrisma = db;
  const worker = await WorkerProcess.start();
  try {
    const begun = performance.now();
    const ada = await addActor(db, "admin", "Ada");
    for (const host of hosts) await enrolLabHost(db, host);
    await db.host.updateMany({ data: { tags: ["bench"] } });
    for (const { id } of await db.host.findMany()) await act(readAccess, { hostId: id }, ada, origin);
    await until(
      worker,
      "every host was read",
      async () =>
        (await db.accessReading.count({ where: { readAt: { not: null } } })) === hosts.length || undefined,
    );
    const enrolling = seconds(begun);

    const key = parsePublicKey(line);
    if (!key) throw new Error("This is no line of a .pub file.");
    const { personId } = await addActor(db, "member", "Bea");
    await db.personKey.create({
      data: {
        personId,
        fingerprint: fingerprint(key.blob),
        type: key.type,
        blob: new Uint8Array(key.blob),
        bits: 256,
        name: "Bench",
        origin: "pasted",
        provedAt: new Date(),
      },
    });
    for (const account of accounts) await act(createGrant, { personId, tag: "bench", account }, ada, origin);

    const asked = performance.now();
    const { batchId } = await act(planWanted, { kind: "place", tag: "bench" }, ada, origin);
    const when = (what: string, isSo: (view: BatchView) => boolean) =>
      until(worker, what, async () => {
        const view = await read(getBatch, { batchId }, ada, origin);
        const stuck = view.rows.find(({ state }) => state === "refused");
        if (stuck) throw new Error(`${stuck.hostName}: ${stuck.reason}`);
        return isSo(view) ? view : undefined;
      });
    const planned = await when(
      "every host is planned",
      ({ confirmation }) => confirmation?.planned === hosts.length,
    );
    const planning = seconds(asked);
    const confirmed = performance.now();
    await act(confirmBatch, { batchId, seen: planned.confirmation?.seen }, ada, origin);
    await when("every host shows the key", ({ done }) => done === hosts.length);
    return { enrolling, planning, applying: seconds(confirmed) };
  } finally {
    await worker.kill();
    await db.$disconnect();
  }
}

/** Waits on meaning; only a worker that ended ends it early. */
async function until<T>(worker: WorkerProcess, what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (worker.hasEnded) throw new Error(`The worker ended before ${what}:\n${worker.output}`);
    await sleep(500);
  }
}
