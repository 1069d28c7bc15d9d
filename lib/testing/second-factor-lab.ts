import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { type ChangeState, isEnded } from "@/lib/change/machine";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { applyChange, keepChange } from "@/lib/features/changes/commands";
import { getChange } from "@/lib/features/changes/queries";
import { planTwoFactor } from "@/lib/features/changes/two-factor-commands";
import type { ChangeView } from "@/lib/features/changes/views";
import { beginCodeFor, confirmCode } from "@/lib/features/host-codes/enrol-commands";
import { getHostCodes } from "@/lib/features/host-codes/queries";
import { exceptAccount } from "@/lib/features/readiness/commands";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { totpCode } from "@/lib/otp/totp";
import { addActor, origin } from "@/lib/testing/arrange";
import { WorkerProcess } from "@/lib/testing/worker-process";
import { type Actor, act, read } from "@/lib/usecase";

export type Step = "off" | "optional" | "required";
const seconds = () => Math.floor(now().getTime() / 1000);

/** The code of a secret at this moment. */
export const rightCode = (secret: string) => totpCode(secret, seconds());

/** Six digits that are right at no moment near this one. */
export function wrongCode(secret: string): string {
  const near = new Set(
    Array.from({ length: 41 }, (_, step) => totpCode(secret, seconds() + (step - 20) * 30)),
  );
  const wrong = ["000000", "111111", "222222"].find((code) => !near.has(code));
  if (!wrong) throw new Error("No wrong code was found.");
  return wrong;
}

/** A lab, the product's own worker, and an admin who requires second factors on its hosts. */
export class SecondFactorLab {
  private constructor(
    private readonly db: Db,
    readonly lab: Lab,
    private worker: WorkerProcess,
    private admin: Actor,
  ) {}

  static async open(db: Db): Promise<SecondFactorLab> {
    const [lab, worker, admin] = await Promise.all([
      openLab(),
      WorkerProcess.start(),
      addActor(db, "admin", "Ada"),
    ]);
    return new SecondFactorLab(db, lab, worker, admin);
  }

  async close(): Promise<void> {
    await this.worker.kill();
    await this.lab.close();
  }

  /** With a fresh touch: one holds ten minutes, which a run takes longer than. */
  get ada(): Actor {
    this.admin = { ...this.admin, steppedUpAt: now() };
    return this.admin;
  }

  killWorker(): Promise<void> {
    return this.worker.kill();
  }

  async startWorker(): Promise<void> {
    this.worker = await WorkerProcess.start();
  }

  /** Waits on meaning, with a limit that only a hang reaches. */
  async until<T>(what: string, look: () => Promise<T | false>, mostSeconds = 240): Promise<T> {
    const end = performance.now() + mostSeconds * 1000;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (performance.now() > end)
        throw new Error(`waited ${mostSeconds} s until ${what}\n${this.worker.output}`);
      await sleep(50);
    }
  }

  view(changeId: string): Promise<ChangeView> {
    return read(getChange, { changeId }, this.ada, origin);
  }

  /** @throws with its steps when the change ended otherwise */
  reached(changeId: string, ...states: ChangeState[]): Promise<ChangeView> {
    return this.until(`the change is ${states}`, async () => {
      const change = await this.view(changeId);
      if (states.includes(change.state)) return change;
      if (isEnded(change.state))
        throw new Error(
          `it ended ${change.state}: ${change.outcome}\n${JSON.stringify(change.steps, null, 1)}`,
        );
      return false;
    });
  }

  /** Makes a plan and waits for it, or for why there is none. */
  async plan(hostId: string, step: Step, more: object = {}): Promise<ChangeView> {
    const { changeId } = await act(planTwoFactor, { hostId, step, ...more }, this.ada, origin);
    const change = await this.reached(changeId, "planned", "refused");
    if (change.planError !== null) throw new Error(`No plan was made: ${change.planError}`);
    return change;
  }

  /** Applies it and waits until it waits for a person. */
  async apply({ id }: ChangeView, deadlineSeconds = 600): Promise<ChangeView> {
    await act(applyChange, { changeId: id, keepBy: "person", deadlineSeconds }, this.ada, origin);
    return this.reached(id, "awaiting_person");
  }

  /** Waits until the host has told of a login through key and code, and keeps the change. */
  async seenAndKept({ id }: ChangeView): Promise<ChangeView> {
    await this.until("the login is seen", async () => (await this.view(id)).canKeep);
    return this.keep(id);
  }

  async keep(changeId: string): Promise<ChangeView> {
    await act(keepChange, { changeId }, this.ada, origin);
    return this.reached(changeId, "confirmed");
  }

  /** Ada answers for an account for a day. */
  async except(hostId: string, account: string, reason: string): Promise<void> {
    const endsAt = new Date(now().getTime() + 86_400_000).toISOString();
    await act(exceptAccount, { hostId, account, reason, endsAt }, this.ada, origin);
  }

  /**
   * Enrols a person's app for an account, and waits until the host has the secret.
   *
   * @returns the secret
   */
  async enrol(hostId: string, account: string, { personId }: Actor): Promise<string> {
    const shown = await act(
      beginCodeFor,
      // The lab's own key opens every account there, whosever codes come to it.
      { personId, hostId, account, kind: "totp", confirmAccount: account },
      this.ada,
      origin,
    );
    const secret = shown.secret.replaceAll(" ", "");
    await act(confirmCode, { code: rightCode(secret) }, this.ada, origin);
    await this.until("the host has the secret", async () => {
      const { codes } = await read(getHostCodes, { hostId }, this.ada, origin);
      return codes.some((code) => code.account === account && code.state === "done");
    });
    return secret;
  }

  /** A public key is shown to be a person's, and nobody else's any more: of one person only, as the database has it. */
  async proveKey({ personId }: Actor, line: string, isVerifyRequired = false): Promise<void> {
    const parsed = parsePublicKey(line);
    if (!parsed) throw new Error(`This is no public key: ${line}`);
    const print = fingerprint(parsed.blob);
    await this.db.personKey.updateMany({ where: { fingerprint: print }, data: { removedAt: now() } });
    await this.db.personKey.create({
      data: {
        ...{ personId, fingerprint: print, type: parsed.type, blob: new Uint8Array(parsed.blob), bits: 256 },
        ...{ name: "Key", origin: "pasted", provedAt: now(), isVerifyRequired },
      },
    });
  }
}

/** Forgets what the module noted of codes that were typed, and lets a test type many. */
export async function clearUsedCodes(host: LabHost, stateFile: string): Promise<void> {
  const { code, stderr } = await host.exec(
    `sed -i '/^" DISALLOW_REUSE/d; s/^" RATE_LIMIT.*/" RATE_LIMIT 30 30/' ${stateFile}`,
  );
  if (code !== 0) throw new Error(stderr);
}
