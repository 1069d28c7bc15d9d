import { createHash } from "node:crypto";
import { readPlan } from "@/lib/features/changes/stored";
import type { ChangePlanView } from "@/lib/features/changes/views";
import type { TogetherView } from "@/lib/features/key-policies/views";
import type { Change } from "@/lib/generated/prisma/client";

type Planned = Pick<Change, "id" | "state" | "plan" | "planError">;

/**
 * How a change goes on together with those of other hosts; null while it is on its way.
 *
 * Together go only changes of which nobody would have to think twice: a plan that shuts somebody out, or of which that cannot
 * be told, is looked at and applied by itself.
 */
export function togetherOf(change: Planned): TogetherView | null {
  const { id: changeId, state } = change;
  if (state === "awaiting_person") return { step: "keep", changeId };
  if (state !== "planned") return null;
  const plan = readPlan(change.plan);
  const reason = whyAlone(plan, change.planError);
  if (reason !== undefined) return { step: "alone", changeId, reason };
  return { step: "apply", changeId, losesWays: plan?.access?.loses.total ?? 0 };
}

/** Names the plans of these changes: another plan of one of them is another name. */
export function digestOfPlans(changes: readonly Planned[]): string {
  const plans = changes
    .map(({ id, plan }) => `${id} ${JSON.stringify(readPlan(plan) ?? null)}`)
    .sort()
    .join("\n");
  return createHash("sha256").update(plans).digest("hex");
}

function whyAlone(plan: ChangePlanView | null, planError: string | null): string | undefined {
  if (!plan || planError !== null) return `The host could not be asked. ${planError ?? ""}`.trim();
  if (plan.test.code !== 0) return "sshd on the host does not accept it.";
  if (!plan.management.getsIn) return "Gatehouse itself would be shut out.";
  if (plan.needsExecutePermission) return "It touches what runs code.";
  const rule = plan.rules?.find(({ isBlocking }) => isBlocking);
  if (rule) return `The rule “${rule.name}” stands against it.`;
  const { access } = plan;
  if (!access || access.obstacle !== null)
    return `Nobody can tell who would lose a way in. ${access?.obstacle ?? ""}`.trim();
  if (access.isStale) return "Who can log in there was read too long ago. Read it anew, and plan again.";
  const out = [...access.shutOut.accounts, ...access.doubtful.accounts];
  if (access.shutOut.total + access.doubtful.total > 0)
    return `Nobody could log in any more as ${out.slice(0, 5).join(", ")}${access.doubtful.total > 0 ? ", or that cannot be told" : ""}.`;
  return undefined;
}
