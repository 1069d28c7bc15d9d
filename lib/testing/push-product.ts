import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, LabHost } from "@/e2e/lab/lab";
import { type ChangeState, isEnded } from "@/lib/change/machine";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { listen } from "@/lib/db/listener";
import { applyChange, planChange } from "@/lib/features/changes/commands";
import { getHostConfig } from "@/lib/features/config/queries";
import { enqueue } from "@/lib/jobs/enqueue";
import { addActor, origin } from "@/lib/testing/arrange";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import { startWorkerInLab, type WorkerProcess } from "@/lib/testing/lab-product";
import { type Actor, act, read } from "@/lib/usecase";

// The product as bench/push.ts measures it: its use cases as the web process runs them, its worker, its database.

const main = "/etc/ssh/sshd_config";
/** Events of a change are published under this and its id (lib/features/changes/progress.ts). */
const changeTopic = "change:";
const atOnce = 4;

/** How long the two halves of one change to many hosts took, in seconds. */
export interface PushTimes {
  /** Until every host has said what the change would do. */
  readonly planSeconds: number;
  /** From the person's "Apply" until every change is confirmed by a fresh login. */
  readonly applySeconds: number;
}

export class PushProduct {
  readonly worker: WorkerProcess;
  readonly #db: Db;
  readonly #actor: Actor;
  readonly #ids = new Map<LabHost, string>();

  private constructor(db: Db, worker: WorkerProcess, actor: Actor) {
    this.#db = db;
    this.worker = worker;
    this.#actor = actor;
  }

  /**
   * Starts the worker inside the lab and enrols the hosts: each with the agent, its key and its pins.
   *
   * @param onWorker is told its pid
   */
  static async open(
    db: Db,
    lab: Lab,
    hosts: readonly LabHost[],
    onWorker: (pid: number) => void,
  ): Promise<PushProduct> {
    const worker = await startWorkerInLab(lab, db);
    if (worker.process.pid) onWorker(worker.process.pid);
    const product = new PushProduct(db, worker, await addActor(db, "admin", "Ada"));
    const queue = [...hosts];
    const enrol = async () => {
      for (let host = queue.shift(); host; host = queue.shift())
        product.#ids.set(host, await enrolLabHost(db, host, { address: host.address, port: host.port }));
    };
    await Promise.all(Array.from({ length: atOnce }, enrol));
    await product.rest();
    return product;
  }

  /** Waits until no job is left that runs or could run: what follows a change is over, too. */
  async rest(): Promise<void> {
    for (;;) {
      const [row] = await this.#db.$queryRaw<{ busy: bigint }[]>`
        select count(*) as busy
        from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
        where j.locked_at is not null or (j.attempts < j.max_attempts and (j.run_at <= now()
          or (t.identifier in ('config.read', 'access.collect') and j.run_at < now() + interval '40 seconds')))`;
      if (row?.busy === 0n) return;
      await sleep(200);
    }
  }

  /** Reads the hosts' configuration anew, after something else wrote it. */
  async reread(hosts: readonly LabHost[]): Promise<void> {
    await this.#db.$transaction(async (db) => {
      for (const host of hosts) await enqueue(db, "config.read", { hostId: this.#idOf(host) });
    });
    await this.rest();
  }

  /**
   * One change to all of these hosts: planned, applied, proved by a fresh login, confirmed.
   *
   * @param edit the new text, from that in force
   * @throws when one of them is not confirmed
   */
  async push(hosts: readonly LabHost[], edit: (text: string) => string): Promise<PushTimes> {
    const actor = { ...this.#actor, steppedUpAt: now() };
    const inputs = await Promise.all(
      hosts.map(async (host) => {
        const config = await read(getHostConfig, { hostId: this.#idOf(host) }, actor, origin);
        const file = config.files.find(({ path }) => path === main);
        if (!file) throw new Error(`${host.name} has no ${main}`);
        return { fileId: file.id, baseSha256: file.sha256, content: edit(file.content) };
      }),
    );
    const planned = performance.now();
    const ids = await Promise.all(
      inputs.map(async (input) => (await act(planChange, input, actor, origin)).changeId),
    );
    await this.#until(ids, (state) => state !== "planning");
    const applied = performance.now();
    await Promise.all(ids.map((changeId) => act(applyChange, { changeId, keepBy: "login" }, actor, origin)));
    await this.#until(ids, (state) => isEnded(state));
    const ended = performance.now();
    const failed = await this.#db.change.findMany({
      where: { id: { in: ids }, state: { not: "confirmed" } },
    });
    if (failed[0]) throw new Error(`A change was ${failed[0].state}: ${failed[0].outcome}`);
    return { planSeconds: (applied - planned) / 1000, applySeconds: (ended - applied) / 1000 };
  }

  /** As an open page does it: what commits is announced, and only then looked at. */
  async #until(ids: readonly string[], isDone: (state: ChangeState) => boolean): Promise<void> {
    const open = new Set(ids);
    const stale = new Set(ids);
    let wake = () => {};
    const stop = listen((topic) => {
      if (topic === undefined) for (const id of open) stale.add(id);
      else if (topic.startsWith(changeTopic)) stale.add(topic.slice(changeTopic.length));
      wake();
    });
    try {
      while (open.size > 0) {
        const looked = [...stale].filter((id) => open.has(id));
        stale.clear();
        if (looked.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const rows = await this.#db.$queryRaw<{ id: string; state: ChangeState }[]>`
          select id::text, state from "Change" where id = any(${looked}::uuid[])`;
        for (const { id, state } of rows) if (isDone(state)) open.delete(id);
      }
    } finally {
      stop();
    }
  }

  #idOf(host: LabHost): string {
    const id = this.#ids.get(host);
    if (!id) throw new Error(`${host.name} is not enrolled`);
    return id;
  }
}
