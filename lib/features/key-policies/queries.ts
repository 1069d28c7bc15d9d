import { keyDemands } from "@/lib/access/key-policy";
import { policyBlockBegins } from "@/lib/access/key-policy-block";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { judgePolicyOfHost, policiesOf, readPolicyHosts } from "@/lib/features/key-policies/host-policy";
import {
  hostsPerPage,
  KeyPolicyInput,
  NoPolicyInput,
  PolicyHostId,
} from "@/lib/features/key-policies/schema";
import { digestOfPlans } from "@/lib/features/key-policies/together";
import type {
  HostPolicyView,
  KeyPolicyDetailView,
  KeyPolicyListView,
  KeyPolicyView,
} from "@/lib/features/key-policies/views";
import type { KeyPolicy } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

/** Every policy of keys, and the hosts on which one still stands that nobody wants any more. */
export const listKeyPolicies = query({
  name: "key-policy.list",
  permission: "access:read",
  input: NoPolicyInput,
  async run(_, { db, actor }): Promise<KeyPolicyListView> {
    const [policies, hosts, blocks] = await Promise.all([
      db.keyPolicy.findMany({ orderBy: [{ tag: { sort: "asc", nulls: "last" } }, { createdAt: "asc" }] }),
      db.host.findMany({
        where: { state: { not: "archived" } },
        select: { id: true, name: true, tags: true },
        orderBy: { name: "asc" },
      }),
      hostsWithBlock(db),
    ]);
    const nameOf = await namesOf(db, policies);
    return {
      policies: policies.map((policy) => policyView(policy, hosts, nameOf)),
      leftovers: hosts
        .filter((host) => blocks.has(host.id) && policiesOf(policies, host).length === 0)
        .map(({ id, name }) => ({ hostId: id, hostName: name })),
      mayWrite: can(actor.role, "access:rules"),
      tags: [...new Set(hosts.flatMap(({ tags }) => tags))].sort(),
      hosts: hosts.map(({ id, name }) => ({ id, name })),
    };
  },
});

/** One policy, and how it stands on each of its hosts by the last readings. */
export const getKeyPolicy = query({
  name: "key-policy.get",
  permission: "access:read",
  input: KeyPolicyInput,
  async run({ policyId, page }, { db, actor, now }): Promise<KeyPolicyDetailView> {
    const policies = await db.keyPolicy.findMany();
    const policy = policies.find(({ id }) => id === policyId);
    if (!policy) throw new AppError("not_found", "There is no such policy.");
    const hosts = await db.host.findMany({
      where: { state: { not: "archived" }, ...hostsOf(policy) },
      select: { id: true, name: true, tags: true },
      orderBy: { name: "asc" },
    });
    const shown = hosts.slice((page - 1) * hostsPerPage, page * hostsPerPage).map(({ id }) => id);
    const mayPlan = can(actor.role, "config:draft");
    const rows: HostPolicyView[] = [];
    const read = await readPolicyHosts(db, shown);
    for (const host of read) rows.push((await judgePolicyOfHost(db, host, policies, now, mayPlan)).view);
    const together = new Set(
      rows.flatMap((row) => (row.together?.step === "apply" ? [row.together.changeId] : [])),
    );
    return {
      ...policyView(policy, hosts, await namesOf(db, [policy])),
      rows,
      seen: digestOfPlans(read.flatMap(({ changes }) => changes).filter(({ id }) => together.has(id))),
      mayApply: can(actor.role, "config:apply"),
      total: hosts.length,
      page,
      perPage: hostsPerPage,
      mayWrite: can(actor.role, "access:rules"),
    };
  },
});

/** What is demanded of keys on one host, and whether it is so. */
export const getHostKeyPolicy = query({
  name: "key-policy.host",
  permission: "access:read",
  input: PolicyHostId,
  async run({ hostId }, { db, actor, now }): Promise<HostPolicyView> {
    const [host] = await readPolicyHosts(db, [hostId]);
    if (!host) throw new AppError("not_found", "There is no such host.");
    const policies = await db.keyPolicy.findMany();
    return (await judgePolicyOfHost(db, host, policies, now, can(actor.role, "config:draft"))).view;
  },
});

function hostsOf({ hostId, tag }: KeyPolicy) {
  return hostId === null ? { tags: { has: tag ?? "" } } : { id: hostId };
}

function policyView(
  policy: KeyPolicy,
  hosts: readonly { id: string; name: string; tags: readonly string[] }[],
  nameOf: (id: string) => string,
): KeyPolicyView {
  const { id, hostId, tag, demands, exceptAccounts, note, version, updatedById, updatedAt } = policy;
  return {
    id,
    hostId,
    hostName: hosts.find((host) => host.id === hostId)?.name ?? null,
    tag,
    demands: keyDemands.filter((demand) => demands.includes(demand)),
    exceptAccounts,
    note,
    version,
    hosts: hosts.filter((host) => host.id === hostId || (tag !== null && host.tags.includes(tag))).length,
    updatedByName: nameOf(updatedById),
    updatedAt: updatedAt.toISOString(),
  };
}

async function namesOf(db: Db, policies: readonly KeyPolicy[]): Promise<(id: string) => string> {
  const people = await db.person.findMany({
    where: { id: { in: policies.map(({ updatedById }) => updatedById) } },
    select: { id: true, name: true },
  });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? "Somebody";
}

/** Hosts whose main file, as it was last seen, holds a block of ours. */
async function hostsWithBlock(db: Db): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ hostId: string }[]>`
    select distinct f."hostId" from "ConfigFile" f
    join "ConfigVersion" v on v."fileId" = f.id and v.sha256 = f.sha256
    where f.position = 0 and f."goneAt" is null and position(${policyBlockBegins} in v.content) > 0`;
  return new Set(rows.map(({ hostId }) => hostId));
}
