import { appendActivity } from "@/lib/db/activity";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { applyPlanned, keepProved } from "@/lib/features/changes/commands";
import {
  judgePolicyOfHost,
  type PolicyHost,
  policiesOf,
  readPolicyHosts,
} from "@/lib/features/key-policies/host-policy";
import { ApplyKeyPolicyInput, KeepKeyPolicyInput } from "@/lib/features/key-policies/schema";
import { digestOfPlans } from "@/lib/features/key-policies/together";
import type { TogetherView } from "@/lib/features/key-policies/views";
import { type CommandContext, command } from "@/lib/usecase";

/**
 * Applies the planned changes of a policy's hosts by one act. Each has its own lock-out check in front, is proved by a fresh
 * login, and is undone by its host unless a person keeps it.
 *
 * What would shut somebody out is not applied this way. Refusals are told beside what was applied.
 */
export const applyKeyPolicy = command({
  name: "key-policy.apply",
  permission: "config:apply",
  stepUp: true,
  input: ApplyKeyPolicyInput,
  prepare: ({ policyId, changeIds }, { db, now }) => findChanges(db, policyId, changeIds, now),
  async run({ changeIds, seen }, { prepared: { policy, found }, ...context }) {
    const { db, now } = context;
    context.record({ target: policy });
    // Hosts first, as everybody does who applies; then the plans, so that none is made anew in between.
    await db.$queryRaw`
      select 1 from "Host" where id = any(${found.map(({ host }) => host.id)}::uuid[]) order by id for update`;
    await db.$queryRaw`select 1 from "Change" where id = any(${changeIds}::uuid[]) order by id for update`;
    const changes = await db.change.findMany({ where: { id: { in: changeIds } } });
    if (found.length !== changeIds.length || digestOfPlans(changes) !== seen)
      throw new AppError(
        "conflict",
        "The plans have moved on since you looked. Look at the page again, and apply what it says now.",
      );
    return eachInTurn(found, "apply", "change.apply", context, (changeId, record) =>
      applyPlanned({ changeId, keepBy: "person" }, { db, now, actor: context.actor, record }),
    );
  },
});

/** Keeps the changes of a policy's hosts that wait for a person, who has tried his own login. The worker proves each once more. */
export const keepKeyPolicy = command({
  name: "key-policy.keep",
  permission: "config:apply",
  input: KeepKeyPolicyInput,
  prepare: ({ policyId, changeIds }, { db, now }) => findChanges(db, policyId, changeIds, now),
  async run(_, { prepared: { policy, found }, ...context }) {
    const { db, actor } = context;
    context.record({ target: policy });
    return eachInTurn(found, "keep", "change.keep", context, (changeId, record) =>
      keepProved({ changeId }, { db, actor, record }),
    );
  },
});

interface FoundChange {
  readonly host: PolicyHost;
  readonly together: TogetherView;
}

/** Only changes of the policy itself: this is no door to any other change of its hosts. */
async function findChanges(db: Db, policyId: string, changeIds: readonly string[], now: Date) {
  const policies = await db.keyPolicy.findMany({ include: { host: { select: { name: true } } } });
  const policy = policies.find(({ id }) => id === policyId);
  if (!policy) throw new AppError("not_found", "There is no such policy.");
  const changes = await db.change.findMany({
    where: { id: { in: [...changeIds] } },
    select: { hostId: true },
  });
  const hosts = await readPolicyHosts(
    db,
    changes.map(({ hostId }) => hostId),
  );
  const found: FoundChange[] = [];
  for (const host of hosts) {
    if (policiesOf([policy], host).length === 0) continue;
    const { together } = (await judgePolicyOfHost(db, host, policies, now, true)).view;
    if (together && changeIds.includes(together.changeId)) found.push({ host, together });
  }
  const name = policy.host?.name ?? `tag ${policy.tag}`;
  return { policy: { type: "key-policy" as const, id: policyId, name }, found };
}

type Record = CommandContext["record"];

/** Does it to each change, with an activity row of its own; what is refused is told, and the others go on. */
async function eachInTurn(
  found: readonly FoundChange[],
  step: TogetherView["step"],
  action: string,
  { db, actor, now, origin, record }: Omit<CommandContext, "prepared">,
  one: (changeId: string, record: Record) => Promise<unknown>,
) {
  const changes: string[] = [];
  const refused: { hostName: string; reason: string }[] = [];
  for (const { host, together } of found) {
    const { changeId } = together;
    const detail: { [key: string]: unknown } = {};
    try {
      if (together.step === "alone") throw new AppError("conflict", together.reason);
      if (together.step !== step) throw new AppError("conflict", "It has moved on.");
      await one(changeId, (entry) => Object.assign(detail, entry.detail));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ hostName: host.name, reason: error.message });
      continue;
    }
    changes.push(changeId);
    const path = host.files[0]?.path ?? "";
    await appendActivity(db, {
      at: now,
      actor: { id: actor.personId, name: actor.name },
      address: origin.address,
      action,
      outcome: step === "apply" ? "intent" : "done",
      target: { type: "change", id: changeId, name: `${host.name} ${path}` },
      detail,
    });
  }
  if (changes.length === 0)
    throw new AppError(
      "conflict",
      refused.map(({ hostName, reason }) => `${hostName}: ${reason}`).join(" ") ||
        "None of these changes is one of this policy that waits.",
    );
  record({ detail: { changes, refused: refused.map(({ hostName }) => hostName) } });
  return { changes, refused };
}
