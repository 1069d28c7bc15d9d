import { AppError } from "@/lib/errors";
import { fingerprintsOf, loneAccounts } from "@/lib/features/key-fleet/leaving";
import { PersonInput } from "@/lib/features/key-fleet/schema";
import type { LeavingView } from "@/lib/features/key-fleet/views";
import { can } from "@/lib/policy/permissions";
import { mayManage } from "@/lib/policy/rank";
import { query } from "@/lib/usecase";

/** Accounts that are named one by one before somebody leaves; the count is of all. */
const mostNamed = 200;

/** What goes with a person who leaves, and what nobody else could log in to afterwards, by the last readings. */
export const getLeaving = query({
  name: "person.leaving",
  permission: "person:read",
  input: PersonInput,
  async run({ personId }, { db, actor, now }): Promise<LeavingView> {
    const person = await db.person.findUnique({
      where: { id: personId },
      include: {
        keys: { orderBy: { createdAt: "asc" } },
        _count: {
          select: {
            grants: { where: { revokedAt: null } },
            sessions: { where: { revokedAt: null, endsAt: { gt: now } } },
          },
        },
      },
    });
    if (!person) throw new AppError("not_found", "There is no such person.");
    const prints = await fingerprintsOf(db, personId, []);
    const shown = person.keys.filter(
      (key) => prints.includes(key.fingerprint) || (key.provedAt === null && key.removedAt === null),
    );
    const [places, alone, hosts, batch, codes] = await Promise.all([
      db.foundKey.groupBy({
        by: ["fingerprint", "hostId"],
        where: {
          fingerprint: { in: shown.map(({ fingerprint }) => fingerprint) },
          goneAt: null,
          host: { state: { not: "archived" } },
        },
        _count: true,
      }),
      loneAccounts(db, prints, now),
      db.host.findMany({
        where: { state: { in: ["managed", "key_changed"] } },
        select: { name: true, reachable: true, state: true },
        orderBy: { name: "asc" },
      }),
      db.keyBatch.findFirst({
        where: { kind: "offboard", personId },
        orderBy: { createdAt: "desc" },
        select: { id: true },
      }),
      db.hostCodePlacement.findMany({
        where: { endedAt: null, code: { personId } },
        select: { id: true, hostId: true, account: true, failure: true, host: { select: { name: true } } },
        orderBy: [{ host: { name: "asc" } }, { account: "asc" }],
      }),
    ]);
    const isAllowed =
      (["person:write", "config:apply", "access:grant"] as const).every((one) => can(actor.role, one)) &&
      mayManage(actor.role, person.role);
    return {
      personId,
      name: person.name,
      login: person.login,
      isDisabled: person.disabledAt !== null,
      keys: shown.map(({ id, name, fingerprint, provedAt }) => {
        const own = places.filter((place) => place.fingerprint === fingerprint);
        return {
          keyId: id,
          name,
          fingerprint,
          isProved: provedAt !== null,
          hosts: own.length,
          lines: own.reduce((sum, { _count }) => sum + _count, 0),
        };
      }),
      grants: person._count.grants,
      sessions: person._count.sessions,
      codes: codes.map(({ host, ...code }) => ({ ...code, hostName: host.name })),
      hosts: hosts.length,
      unreachable: hosts
        .filter(({ reachable, state }) => reachable === false || state !== "managed")
        .map(({ name }) => name),
      alone: alone.slice(0, mostNamed),
      aloneCount: alone.length,
      batchId: batch?.id ?? null,
      obstacle:
        personId === actor.personId
          ? "Nobody lets himself go. Ask another admin."
          : isAllowed
            ? null
            : "Only an owner or admin lets somebody go, and only an owner lets an owner go.",
    };
  },
});
