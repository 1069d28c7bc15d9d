import { randomUUID } from "node:crypto";
import type { Db, Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { createConfigChange } from "@/lib/features/changes/commands";
import {
  type JudgedPolicy,
  judgePolicyOfHost,
  type PolicyHost,
  readPolicyHosts,
} from "@/lib/features/key-policies/host-policy";
import {
  ChangeKeyPolicyInput,
  CreateKeyPolicyInput,
  KeyPolicyId,
  PlanKeyPolicyInput,
} from "@/lib/features/key-policies/schema";
import type { KeyPolicy } from "@/lib/generated/prisma/client";
import { type CommandContext, command } from "@/lib/usecase";

/** Demands something of every key on a host, or on all with a tag. Nothing on a host is touched: it becomes wanted. */
export const createKeyPolicy = command({
  name: "key-policy.create",
  permission: "access:rules",
  stepUp: true,
  input: CreateKeyPolicyInput,
  async run({ hostId, tag, demands, exceptAccounts, note }, { db, actor, now, record }) {
    await db.$executeRaw`LOCK TABLE "KeyPolicy" IN SHARE ROW EXCLUSIVE MODE`;
    const host = hostId ? await db.host.findUnique({ where: { id: hostId } }) : null;
    if (hostId && !host) throw new AppError("not_found", "There is no such host.");
    const where = host?.name ?? `the tag ${tag}`;
    const id = randomUUID();
    record({
      target: targetOf(id, host, tag ?? null),
      detail: detailOf(demands, exceptAccounts, note),
    });
    const same = await db.keyPolicy.findFirst({ where: { hostId: hostId ?? null, tag: tag ?? null } });
    if (same) throw new AppError("conflict", `There is a policy for ${where} already. Change that one.`);
    const by = { createdById: actor.personId, createdAt: now, updatedById: actor.personId, updatedAt: now };
    const policy = await db.keyPolicy.create({
      data: { id, demands, exceptAccounts, note, hostId: hostId ?? null, tag: tag ?? null, ...by },
    });
    await tell(db, policy);
    return { policyId: policy.id };
  },
});

/** Demands something else. Who began with an older version is told. */
export const changeKeyPolicy = command({
  name: "key-policy.change",
  permission: "access:rules",
  stepUp: true,
  input: ChangeKeyPolicyInput,
  async run({ policyId, version, demands, exceptAccounts, note }, context) {
    const { db, actor, now, record } = context;
    const before = await requirePolicy(context, policyId);
    record({
      detail: {
        ...detailOf(demands, exceptAccounts, note),
        before: detailOf(before.demands, before.exceptAccounts, before.note),
      },
    });
    const { count } = await db.keyPolicy.updateMany({
      where: { id: policyId, version },
      data: {
        demands,
        exceptAccounts,
        note,
        version: { increment: 1 },
        updatedById: actor.personId,
        updatedAt: now,
      },
    });
    if (count === 0)
      throw new AppError(
        "conflict",
        "Somebody changed this policy in the meantime. Load the page again and look at it before you save yours.",
      );
    await tell(db, before);
    return { policyId };
  },
});

/** Demands nothing any more. What it wrote on hosts stays until a change takes it out. */
export const removeKeyPolicy = command({
  name: "key-policy.remove",
  permission: "access:rules",
  stepUp: true,
  input: KeyPolicyId,
  async run({ policyId }, context) {
    const { db, record } = context;
    const policy = await requirePolicy(context, policyId);
    record({ detail: detailOf(policy.demands, policy.exceptAccounts, policy.note) });
    await db.keyPolicy.delete({ where: { id: policyId } });
    await tell(db, policy);
    return {};
  },
});

/**
 * Makes changes by which hosts come to demand what is wanted there: ordinary ones, each with its plan, its lock-out check
 * and its proof. Nothing on a host is touched.
 *
 * Of one host a refusal is thrown; of several it is told beside the changes that were made.
 */
export const planKeyPolicy = command({
  name: "key-policy.plan",
  permission: "config:draft",
  input: PlanKeyPolicyInput,
  prepare: async ({ hostIds }, { db, now }) => judgeAll(db, hostIds, now),
  async run({ hostIds }, { prepared, ...context }) {
    if (prepared.length === 0) throw new AppError("not_found", "There is no such host.");
    const changes: { hostId: string; changeId: string }[] = [];
    const refused: { hostName: string; reason: string }[] = [];
    for (const { host, judged } of prepared) {
      try {
        changes.push({ hostId: host.id, changeId: await changeOf(context, host, judged) });
      } catch (error) {
        if (!(error instanceof AppError) || hostIds.length === 1) throw error;
        refused.push({ hostName: host.name, reason: error.message });
      }
    }
    if (changes.length === 0)
      throw new AppError(
        "conflict",
        refused.map(({ hostName, reason }) => `${hostName}: ${reason}`).join(" "),
      );
    const [first] = prepared;
    context.record({
      ...(first &&
        prepared.length === 1 && { target: { type: "host", id: first.host.id, name: first.host.name } }),
      detail: {
        changes: changes.map(({ changeId }) => changeId),
        refused: refused.map(({ hostName }) => hostName),
      },
    });
    return { changes, refused };
  },
});

interface Prepared {
  readonly host: PolicyHost;
  readonly judged: JudgedPolicy;
}

async function judgeAll(db: Db, hostIds: readonly string[], now: Date): Promise<Prepared[]> {
  const policies = await db.keyPolicy.findMany();
  const all: Prepared[] = [];
  for (const host of await readPolicyHosts(db, hostIds))
    all.push({ host, judged: await judgePolicyOfHost(db, host, policies, now, true) });
  return all;
}

/** The change, or the same one where it waits already. The file's hash is held against the newest when it is made. */
async function changeOf(
  context: Omit<CommandContext, "prepared">,
  host: PolicyHost,
  { view, main, wantedText }: JudgedPolicy,
): Promise<string> {
  if (view.state === "none") throw new AppError("conflict", `Nothing is demanded of keys on ${host.name}.`);
  if (!main || wantedText === undefined || (view.state === "unknown" && view.obstacle !== null))
    throw new AppError("unavailable", view.obstacle ?? `${host.name} was not read yet.`);
  if (wantedText === main.text)
    throw new AppError(
      "conflict",
      view.state === "met" ? `${host.name} demands it already.` : whatRemains(view),
    );
  const same = host.changes.find(
    ({ path, state, content, baseSha256 }) =>
      path === main.path &&
      (state === "planning" || state === "planned") &&
      content === wantedText &&
      baseSha256 === main.sha256,
  );
  if (same) return same.id;
  const { changeId } = await createConfigChange(
    { ...context, prepared: undefined, record: () => undefined },
    {
      fileId: main.fileId,
      baseSha256: main.sha256,
      content: wantedText,
      message: view.wanted ? `Policy of keys: ${view.wanted}`.slice(0, 500) : "Take out the policy of keys",
    },
  );
  return changeId;
}

function whatRemains({ hostName, offences }: JudgedPolicy["view"]): string {
  const lines = [...new Set(offences.flatMap(({ source }) => source ?? []))].slice(0, 5);
  return `All that can be written stands in the file of ${hostName} already. What remains is said by lines of people: ${lines.join(", ") || "in the configuration"}. Edit these.`;
}

async function requirePolicy({ db, record }: CommandContext, policyId: string): Promise<KeyPolicy> {
  await db.$queryRaw`select 1 from "KeyPolicy" where id = ${policyId}::uuid for update`;
  const policy = await db.keyPolicy.findUnique({
    where: { id: policyId },
    include: { host: { select: { id: true, name: true } } },
  });
  if (!policy) throw new AppError("not_found", "There is no such policy.");
  record({ target: targetOf(policy.id, policy.host, policy.tag) });
  return policy;
}

function targetOf(policyId: string, host: { name: string } | null, tag: string | null) {
  return { type: "key-policy" as const, id: policyId, name: host?.name ?? `tag ${tag}` };
}

function detailOf(demands: readonly string[], exceptAccounts: readonly string[], note: string) {
  return { demands, exceptAccounts, note };
}

/** Pages of the hosts that it is about read themselves again. */
async function tell(db: Transaction, { hostId, tag }: Pick<KeyPolicy, "hostId" | "tag">): Promise<void> {
  const hosts = hostId
    ? [{ id: hostId }]
    : await db.host.findMany({ where: { tags: { has: tag ?? "" } }, select: { id: true } });
  for (const { id } of hosts) await appendEvent(db, { topic: `host:${id}`, kind: "key-policy", data: {} });
}
