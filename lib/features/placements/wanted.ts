import { printOptions, type WrittenOption } from "@/lib/authorized-keys/option-list";
import type { Db, Transaction } from "@/lib/db/client";
import { KeyOptionsInput, writtenOptions } from "@/lib/features/placements/key-options";
import { type PlacedByTag, readPlacedByTag } from "@/lib/features/placements/placed";
import type { Prisma } from "@/lib/generated/prisma/client";

/** A key that a person's grant wants in an account of a host. */
export interface WantedKey {
  readonly grantId: string;
  readonly account: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly fingerprint: string;
  readonly personId: string;
  readonly personName: string;
  readonly options: KeyOptionsInput;
  /** Those of them that mean something for this type of key. */
  readonly written: readonly WrittenOption[];
  /** As they stand in the line. */
  readonly optionsText: string;
}

/** Whose key it is, and whether it may stand in an account. */
export interface KnownKey {
  readonly personId: string;
  readonly personName: string;
  readonly keyName: string;
  /** The person has left, or took the key out. */
  readonly isGone: boolean;
}

/** What is wanted on a host, by the grants and keys that stand at a moment. */
export interface Wanted {
  readonly keys: readonly WantedKey[];
  readonly grants: readonly GrantRow[];
  /** Every key that was ever proved to be somebody's, by fingerprint. */
  readonly known: ReadonlyMap<string, KnownKey>;
  /** Does a grant of this person for the account stand no longer, and none in its place? */
  hasEnded(personId: string, account: string): boolean;
  /** The tag for which a grant placed this key here, when the host has lost it and no other grant wants the key. */
  lostTag(personId: string, account: string, fingerprint: string): string | undefined;
}

export interface GrantRow {
  readonly id: string;
  readonly personId: string;
  readonly personName: string;
  readonly account: string;
  readonly tag: string | null;
  readonly options: KeyOptionsInput;
  readonly endsAt: Date | null;
  readonly note: string;
  /** How many of the person's keys count. */
  readonly keys: number;
}

/** Reads what is wanted on a host. Only proved keys of people who have not left are ever wanted. */
export async function readWanted(db: Db | Transaction, host: HostOfGrants, now: Date): Promise<Wanted> {
  const grants = await grantsOf(db, { OR: [{ hostId: host.id }, { tag: { in: [...host.tags] } }] });
  const keys = await provedKeys(db);
  return judgeWanted(grants, keys, await readPlacedByTag(db, host.id), host, now);
}

/** As `readWanted`, for many hosts with one look at the database. */
export async function readWantedOf(db: Db | Transaction, now: Date): Promise<(host: HostOfGrants) => Wanted> {
  const grants = await grantsOf(db, {});
  const keys = await provedKeys(db);
  const placed = await readPlacedByTag(db);
  return (host) =>
    judgeWanted(
      grants.filter(({ hostId, tag }) => hostId === host.id || (tag !== null && host.tags.includes(tag))),
      keys,
      placed,
      host,
      now,
    );
}

interface HostOfGrants {
  readonly id: string;
  readonly tags: readonly string[];
}

function grantsOf(db: Db | Transaction, where: Prisma.AccountGrantWhereInput) {
  return db.accountGrant.findMany({
    where,
    include: { person: { select: { name: true, disabledAt: true } } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
}

function provedKeys(db: Db | Transaction) {
  return db.personKey.findMany({
    where: { provedAt: { not: null } },
    omit: { blob: true, attestation: true, keyHandle: true },
    include: { person: { select: { name: true, disabledAt: true } } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
}

function judgeWanted(
  grants: Awaited<ReturnType<typeof grantsOf>>,
  keys: Awaited<ReturnType<typeof provedKeys>>,
  placedByTag: PlacedByTag,
  host: HostOfGrants,
  now: Date,
): Wanted {
  const known = new Map<string, KnownKey>();
  for (const key of keys) {
    const isGone = key.removedAt !== null || key.person.disabledAt !== null;
    // A key that was taken out and brought again counts as it is now.
    if (isGone && known.has(key.fingerprint)) continue;
    const { personId, name: keyName } = key;
    known.set(key.fingerprint, { personId, personName: key.person.name, keyName, isGone });
  }
  const stands = grants.filter(
    ({ revokedAt, endsAt, person }) =>
      revokedAt === null && (endsAt === null || endsAt > now) && person.disabledAt === null,
  );
  const standing = stands.map((grant) => ({
    grant,
    options: KeyOptionsInput.parse(grant.options),
    keys: keys.filter((key) => key.personId === grant.personId && key.removedAt === null),
  }));
  const wanted = new Map<string, WantedKey>();
  for (const { grant, options, keys: own } of standing)
    for (const key of own) {
      // Of two grants for one account the older says what its options are.
      const id = `${grant.account} ${key.fingerprint}`;
      if (wanted.has(id)) continue;
      const written = writtenOptions(options, key.type);
      const printed = printOptions(written);
      wanted.set(id, {
        grantId: grant.id,
        account: grant.account,
        keyId: key.id,
        keyName: key.name,
        fingerprint: key.fingerprint,
        personId: grant.personId,
        personName: grant.person.name,
        options,
        written,
        optionsText: "reason" in printed ? "" : printed.text,
      });
    }
  const isOf = (personId: string, account: string) => (grant: { personId: string; account: string }) =>
    grant.personId === personId && grant.account === account;
  return {
    keys: [...wanted.values()],
    grants: standing.map(({ grant, options, keys: own }) => ({
      id: grant.id,
      personId: grant.personId,
      personName: grant.person.name,
      account: grant.account,
      tag: grant.tag,
      options,
      endsAt: grant.endsAt,
      note: grant.note,
      keys: own.length,
    })),
    known,
    hasEnded: (personId, account) =>
      grants.some(isOf(personId, account)) && !stands.some(isOf(personId, account)),
    lostTag: (personId, account, fingerprint) => {
      if (stands.some(isOf(personId, account))) return undefined;
      const tag = placedByTag(host.id, account, fingerprint);
      return tag !== undefined && !host.tags.includes(tag) ? tag : undefined;
    },
  };
}

/** Why a known key may not stand in an account any more; null while nothing says so. */
export function whyUnwanted(
  { personId, personName, isGone }: KnownKey,
  { account, fingerprint }: { readonly account: string; readonly fingerprint: string },
  wanted: Wanted,
): string | null {
  if (isGone) return `${personName} has left, or took this key out.`;
  if (wanted.hasEnded(personId, account)) return `${personName} may not use ${account} any more.`;
  const tag = wanted.lostTag(personId, account, fingerprint);
  if (tag !== undefined)
    return `It was placed for hosts with the tag ${tag}, and this host has that tag no more.`;
  return null;
}
