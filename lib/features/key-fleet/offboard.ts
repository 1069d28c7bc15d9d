import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { KeyEdits } from "@/lib/features/changes/key-edits";
import { moveTo } from "@/lib/features/changes/progress";
import { revokeAllCodes } from "@/lib/features/host-codes/acts";
import { createBatch } from "@/lib/features/key-fleet/create-batch";
import { fingerprintsOf, loneAccounts } from "@/lib/features/key-fleet/leaving";
import { OffboardInput, type Wish } from "@/lib/features/key-fleet/schema";
import { disable } from "@/lib/features/people/commands";
import { can } from "@/lib/policy/permissions";
import { command } from "@/lib/usecase";

/**
 * A person leaves: the account here is disabled and signed out, grants end, one-time codes go from their hosts, and every
 * line with a key of theirs goes from every host, each proved by a reading made after it.
 *
 * Every host that is not archived has a part, also those on which nothing is known to stand: what was never read may hold
 * a key. A host that cannot be asked now follows by itself when it is back.
 */
export const offboardPerson = command({
  name: "person.offboard",
  permission: "person:write",
  stepUp: true,
  input: OffboardInput,
  async run({ personId, claimedKeyIds, alone, login }, context) {
    const { db, actor, now, record } = context;
    if (!can(actor.role, "config:apply") || !can(actor.role, "access:grant"))
      throw new AppError("forbidden", "Only an owner or admin lets somebody go.");
    const person = await disable(context, personId);
    if (login.trim().toLowerCase() !== person.login)
      throw new AppError(
        "invalid",
        `Type the login, ${person.login}, to show that you mean ${person.name}.`,
        {
          fields: { login: `Type ${person.login}.` },
        },
      );
    const running = await db.keyBatch.findFirst({
      where: { kind: "offboard", personId, cancelledAt: null, hosts: { some: { endedAt: null } } },
      select: { id: true },
    });
    if (running)
      throw new AppError(
        "conflict",
        `${person.name} is being let go already. The page of that batch shows how far it is.`,
      );
    const ended = await endGrants(db, personId, now);
    const codes = await revokeAllCodes(db, personId, { by: actor.personId, at: now });
    const prints = await fingerprintsOf(db, personId, claimedKeyIds);
    await dropPlacing(db, prints);
    record({ detail: { grants: ended, codes, fingerprints: prints, alone: alone.length } });
    if (prints.length === 0) return { batchId: null };
    const hosts = await db.host.findMany({
      where: { state: { in: ["managed", "key_changed"] } },
      orderBy: { name: "asc" },
      select: { id: true, _count: { select: { foundKeys: { where: { fingerprint: { in: prints } } } } } },
    });
    if (hosts.length === 0) return { batchId: null };
    const wishes: Wish[] = prints.map((fingerprint) => ({ kind: "remove", fingerprint }));
    const confirmed = new Map<string, string[]>();
    // Only what was seen and is still so; root's last way in is never taken without a look at that very host.
    const lone = await loneAccounts(db, await fingerprintsOf(db, personId, []), now);
    for (const { hostId, account, isRoot } of lone)
      if (!isRoot && alone.some((seen) => seen.hostId === hostId && seen.account === account))
        confirmed.set(hostId, [...(confirmed.get(hostId) ?? []), account]);
    // Where keys are known to stand it begins; the others are only looked at.
    hosts.sort((a, b) => b._count.foundKeys - a._count.foundKeys);
    const title = `Remove everything of ${person.name}`;
    const batchId = await createBatch(context, {
      kind: "offboard",
      title,
      personId,
      wishes: new Map(hosts.map(({ id }) => [id, wishes])),
      confirmed,
    });
    record({ detail: { batchId, hosts: hosts.length } });
    return { batchId };
  },
});

async function endGrants(db: Transaction, personId: string, now: Date): Promise<number> {
  const standing = await db.accountGrant.findMany({ where: { personId, revokedAt: null } });
  const { count } = await db.accountGrant.updateMany({
    where: { personId, revokedAt: null },
    data: { revokedAt: now },
  });
  const tags = standing.flatMap(({ tag }) => tag ?? []);
  const hosts = await db.host.findMany({
    where: {
      OR: [{ id: { in: standing.flatMap(({ hostId }) => hostId ?? []) } }, { tags: { hasSome: tags } }],
    },
    select: { id: true },
  });
  for (const { id } of hosts) await appendEvent(db, { topic: `host:${id}`, kind: "grants", data: {} });
  return count;
}

/** Plans that would still bring one of these keys in are thrown away. */
async function dropPlacing(db: Transaction, fingerprints: readonly string[]): Promise<void> {
  const planned = await db.change.findMany({
    where: { kind: "keys", state: { in: ["planning", "planned"] } },
  });
  for (const change of planned) {
    const edits = KeyEdits.safeParse(change.keyEdits).data ?? [];
    if (edits.some((edit) => edit.kind === "add" && fingerprints.includes(edit.fingerprint)))
      await moveTo(db, change, "discarded", {
        kind: "discarded",
        text: "Its key is a person's who has left.",
      });
  }
}
