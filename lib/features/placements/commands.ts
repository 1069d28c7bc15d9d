import { managementAccount } from "@/lib/change/marker";
import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { lockPerson } from "@/lib/features/people/ways-in";
import { CreateGrantInput, GrantId } from "@/lib/features/placements/schema";
import { command } from "@/lib/usecase";

/** Lets a person use an account, on one host or on all with a tag. Nothing on a host is touched: it becomes wanted. */
export const createGrant = command({
  name: "grant.create",
  permission: "access:grant",
  stepUp: true,
  input: CreateGrantInput,
  async run({ personId, hostId, tag, account, options, endsAt, note }, { db, actor, now, record }) {
    // Of two grants for one thing at one moment the second sees the first, and one made while somebody is let go is refused.
    const person = await lockPerson(db, personId);
    record({ target: { type: "person", id: person.id, name: person.name } });
    if (person.disabledAt) throw new AppError("invalid", `${person.name} has left. Let them back in first.`);
    if (account === managementAccount)
      throw new AppError(
        "invalid",
        `${managementAccount} is the account of Gatehouse itself. Nobody else uses it.`,
      );
    if (endsAt && new Date(endsAt) <= now)
      throw new AppError("invalid", "The end lies in the past.", {
        fields: { endsAt: "Choose a later moment." },
      });
    const host = hostId ? await db.host.findUnique({ where: { id: hostId } }) : null;
    if (hostId && !host) throw new AppError("not_found", "There is no such host.");
    const same = await db.accountGrant.findFirst({
      where: {
        personId,
        account,
        revokedAt: null,
        hostId: hostId ?? null,
        tag: tag ?? null,
        OR: [{ endsAt: null }, { endsAt: { gt: now } }],
      },
    });
    if (same)
      throw new AppError(
        "conflict",
        `${person.name} may use ${account} there already. Take that back first to give it otherwise.`,
      );
    const grant = await db.accountGrant.create({
      data: {
        personId,
        account,
        options,
        note,
        endsAt: endsAt ? new Date(endsAt) : null,
        createdById: actor.personId,
        createdAt: now,
        ...(hostId ? { hostId } : { tag: tag ?? null }),
      },
    });
    record({ detail: { account, where: host?.name ?? `tag ${tag}`, options, endsAt } });
    await tell(db, grant);
    return { grantId: grant.id };
  },
});

/** Takes back that a person may use an account. His keys there are unwanted from now on, and stay until a change. */
export const revokeGrant = command({
  name: "grant.revoke",
  permission: "access:grant",
  stepUp: true,
  input: GrantId,
  async run({ grantId }, { db, now, record }) {
    const grant = await db.accountGrant.findUnique({
      where: { id: grantId },
      include: { person: { select: { id: true, name: true } }, host: { select: { name: true } } },
    });
    if (!grant) throw new AppError("not_found", "There is no such grant.");
    record({
      target: { type: "person", id: grant.person.id, name: grant.person.name },
      detail: { account: grant.account, where: grant.host?.name ?? `tag ${grant.tag}` },
    });
    const { count } = await db.accountGrant.updateMany({
      where: { id: grantId, revokedAt: null },
      data: { revokedAt: now },
    });
    if (count === 0) throw new AppError("conflict", "This was taken back already.");
    await tell(db, grant);
    return {};
  },
});

/** Pages of the hosts that it is about read themselves again. */
async function tell(db: Transaction, { hostId, tag }: { hostId: string | null; tag: string | null }) {
  const hosts = hostId
    ? [{ id: hostId }]
    : await db.host.findMany({ where: { tags: { has: tag ?? "" } }, select: { id: true } });
  for (const { id } of hosts) await appendEvent(db, { topic: `host:${id}`, kind: "grants", data: {} });
}
