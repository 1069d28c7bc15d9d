import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { lockPerson } from "@/lib/features/people/ways-in";
import type { PersonKey } from "@/lib/generated/prisma/client";

/** Accounts that a refusal names; it counts all. */
const mostNamed = 3;

/**
 * Refuses that somebody takes out the only key of theirs that opens an account, by the last readings: it would be unwanted
 * there from then on, and the person shut out by his own click.
 *
 * The person is locked until the transaction ends: of two keys that go at one moment, the second is the last one.
 *
 * @throws AppError `conflict` that names accounts and says what to do
 */
export async function keepLastKey(db: Transaction, key: PersonKey, now: Date): Promise<void> {
  if (key.provedAt === null) return;
  await lockPerson(db, key.personId);
  const accounts = await db.$queryRaw<{ hostName: string; account: string; total: bigint }[]>`
    SELECT h.name AS "hostName", p.account, count(*) OVER () AS total
    FROM "AccessPath" p JOIN "Host" h ON h.id = p."hostId" AND h.state <> 'archived'
    WHERE p."goneAt" IS NULL AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
      AND p.fingerprints && ARRAY[${key.fingerprint}]
      AND NOT EXISTS (
        SELECT 1 FROM "AccessPath" other
        JOIN "PersonKey" own ON own."personId" = ${key.personId}::uuid AND own."removedAt" IS NULL
          AND own."provedAt" IS NOT NULL AND own.id <> ${key.id}::uuid
        WHERE other."hostId" = p."hostId" AND other.account = p.account AND other."goneAt" IS NULL
          AND (other."expiresAt" IS NULL OR other."expiresAt" > ${now})
          AND other.fingerprints && ARRAY[own.fingerprint]
          AND NOT other.fingerprints && ARRAY[${key.fingerprint}])
    GROUP BY h.id, h.name, p.account
    ORDER BY lower(h.name), h.id, p.account LIMIT ${mostNamed}`;
  const [first] = accounts;
  if (!first) return;
  const total = Number(first.total);
  const named = accounts.map(({ hostName, account }) => `${account} on ${hostName}`).join(", ");
  const more = total > accounts.length ? ` and ${total - accounts.length} more` : "";
  throw new AppError(
    "conflict",
    `No other key of yours opens ${named}${more}. Bring another one and have it placed there first. If this one is lost or stolen, ask an admin: they take it out at once.`,
  );
}
