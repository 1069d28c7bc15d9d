import { AgentError } from "@/lib/agent/errors";
import { pendingStates } from "@/lib/change/machine";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { judgeAccess } from "@/lib/features/changes/access-of-plan";
import { undrivenChanges } from "@/lib/features/changes/ask-truth";
import { driveKey } from "@/lib/features/changes/commands";
import { driveChange } from "@/lib/features/changes/drive";
import { move, reasonOf } from "@/lib/features/changes/driving";
import { askHost, loginOf } from "@/lib/features/changes/host-answers";
import { planKeyFile } from "@/lib/features/changes/key-plan";
import { makePlan } from "@/lib/features/changes/plan";
import { newestTexts, rulesOfPlan } from "@/lib/features/changes/rules-of-plan";
import { writePlan } from "@/lib/features/changes/stored";
import { planTwoFactorChange } from "@/lib/features/changes/two-factor-plan";
import type { PlanAccessView } from "@/lib/features/changes/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { Change } from "@/lib/generated/prisma/client";
import { enqueue } from "@/lib/jobs/enqueue";
import type { JobHandlers } from "@/lib/jobs/handlers";

export const changeJobs: JobHandlers<"change.plan" | "change.drive" | "change.reconcile"> = {
  async "change.plan"({ changeId }) {
    const change = await prisma().change.findUnique({ where: { id: changeId } });
    if (change?.state !== "planning") return;
    try {
      if (change.kind === "keys") {
        await planKeyFile(change, now());
        return;
      }
      if (change.kind === "two-factor") {
        await planTwoFactorChange(change);
        return;
      }
      // What ends on the host while it is asked may be missing in the answer: the plan is older than that.
      const at = now();
      const { asked, check } = await askHost(change);
      const plan = makePlan({
        base: change.baseContent,
        content: change.content,
        asked,
        check,
        login: await loginOf(change),
        access: await accessOf(change, at),
        rules: await rulesOfPlan(prisma(), change, at),
        at,
      });
      await move(
        change,
        "planned",
        { kind: "planned", text: "The host said what this change would do." },
        { plan: writePlan(plan), planError: null },
      );
    } catch (error) {
      await planFailed(change, error);
    }
  },

  async "change.drive"({ changeId }, { signal }) {
    await driveChange(changeId, signal);
  },

  async "change.reconcile"() {
    const changes = await undrivenChanges(pendingStates);
    await prisma().$transaction(async (db) => {
      for (const { id } of changes)
        await enqueue(db, "change.drive", { changeId: id }, { jobKey: driveKey(id), attempts: 1 });
    });
  },
};

/** Who gains and who loses, by what was last read on the host about access and about its other files. */
async function accessOf(change: Change, at: Date): Promise<PlanAccessView> {
  const reading = await prisma().accessReading.findUnique({ where: { hostId: change.hostId } });
  const files = await newestTexts(prisma(), change.hostId);
  const { path, baseContent: base, content } = change;
  const people = await listKeyOwners(prisma());
  return judgeAccess(reading, { files, path, base, content, people }, at);
}

/** A stale base ends the change; a host that could not be asked can be asked again. */
async function planFailed(change: Change, error: unknown): Promise<void> {
  const reason = reasonOf(error);
  if (error instanceof AgentError && (error.code === "conflict" || error.code === "unknown-file")) {
    const text =
      error.code === "conflict"
        ? `${change.path} was edited on the host in the meantime. Begin again from the file as it is now; this text stays on this page.`
        : `${change.path} is no longer part of the host's configuration.`;
    await move(change, "refused", { kind: "refused", text });
    return;
  }
  await move(
    change,
    "planned",
    { kind: "failed", text: `The host could not be asked: ${reason}` },
    { planError: reason.slice(0, 1000) },
  );
}
