import { mayRootBeAsked } from "@/lib/access/root-login";
import { type CodeFile, HostCodes } from "@/lib/agent/read-codes";
import { managementAccount } from "@/lib/change/marker";
import type { Db, Transaction } from "@/lib/db/client";
import { readableFacts } from "@/lib/features/access/stored-facts";
import { problemsOf } from "@/lib/features/host-codes/problems";
import { findHostGaps, type HostRow, hostColumns } from "@/lib/features/readiness/host-gaps";
import type {
  AccountEvidence,
  CodeEvidence,
  HostEvidence,
  KeyEvidence,
  ReadinessException,
} from "@/lib/two-factor/evidence";

/** A host with what is known of it. */
export interface KnownHost {
  readonly hostId: string;
  readonly hostName: string;
  readonly tags: readonly string[];
  /** By the last reading of its state files; undefined: never read. */
  readonly codes: HostCodes | undefined;
  readonly evidence: HostEvidence;
}

interface WayRow {
  hostId: string;
  account: string;
  uid: number;
  fingerprint: string | null;
  byKey: boolean;
  isSecurityKey: boolean;
  verifiesOwner: boolean | null;
  personId: string | null;
  personName: string | null;
  hasLeft: boolean | null;
}

/**
 * What is known of hosts, from stored readings alone: whoever decides by it has them read first.
 *
 * @param hostIds undefined: of all that are not archived
 * @returns by name
 */
export async function gatherEvidence(
  db: Db | Transaction,
  hostIds: readonly string[] | undefined,
  now: Date,
): Promise<KnownHost[]> {
  const ofHosts = hostIds && { hostId: { in: [...hostIds] } };
  const [hosts, ways, placements, exceptions] = await Promise.all([
    db.host.findMany({
      where: hostIds ? { id: { in: [...hostIds] } } : { state: { not: "archived" } },
      select: hostColumns,
      orderBy: [{ name: "asc" }],
    }),
    findWays(db, hostIds, now),
    db.hostCodePlacement.findMany({
      where: { endedAt: null, ...ofHosts },
      include: { code: { select: { kind: true, person: { select: { id: true, name: true } } } } },
    }),
    db.twoFactorException.findMany({
      where: { revokedAt: null, endsAt: { gt: now }, ...ofHosts },
      include: { createdBy: { select: { name: true } } },
    }),
  ]);
  const [waysOf, placementsOf, exceptionsOf] = [byHost(ways), byHost(placements), byHost(exceptions)];
  const codesByHost = new Map(
    hosts.map(({ id, codeReading }) => [id, HostCodes.safeParse(codeReading?.codes).data]),
  );
  const hasCodes = ({ hostId, account }: WayRow) =>
    [...(placementsOf.get(hostId) ?? []), ...(codesByHost.get(hostId)?.files ?? [])].some(
      (one) => one.account === account,
    );
  // Of the fleet only where it decides: without codes root is not ready in any case, and facts are long.
  const roots = ways.filter((way) => way.uid === 0 && (hostIds !== undefined || hasCodes(way)));
  const neverAsked = await findRootNeverAsked(db, new Set(roots.map(({ hostId }) => hostId)));
  return hosts.map((host) => {
    const codes = codesByHost.get(host.id);
    const own = waysOf.get(host.id) ?? [];
    const isGatehouse = ({ account }: WayRow) => account === managementAccount;
    const files = new Map(codes?.files.map((file) => [file.account, file]));
    const placed = new Map((placementsOf.get(host.id) ?? []).map((one) => [one.account, one]));
    const excepted = new Map((exceptionsOf.get(host.id) ?? []).map((one) => [one.account, one]));
    const accounts = [...byAccount(own.filter((way) => !isGatehouse(way)))].map(
      ([account, rows]): AccountEvidence => ({
        account,
        uid: rows[0]?.uid ?? 0,
        keys: keysOf(rows),
        entersWithoutKey: rows.some(({ byKey }) => !byKey),
        mayBeAsked: rows[0]?.uid !== 0 || !neverAsked.has(host.id),
        codes: codesOf(files.get(account), placed.get(account), host),
        exception: exceptionOf(excepted.get(account)),
      }),
    );
    return {
      hostId: host.id,
      hostName: host.name,
      tags: host.tags,
      codes,
      evidence: {
        gaps: findHostGaps(host, codes, own.some(isGatehouse), now),
        clockOffsetSeconds: host.codeReading?.clockOffsetSeconds ?? null,
        accounts,
      },
    };
  });
}

/** Accounts with the keys that get in, each key once an account; no fingerprint where no key is known. */
function findWays(
  db: Db | Transaction,
  hostIds: readonly string[] | undefined,
  now: Date,
): Promise<WayRow[]> {
  return db.$queryRaw<WayRow[]>`
    SELECT w.*, k."isVerifyRequired" AS "verifiesOwner", o.id AS "personId", o.name AS "personName",
      o."disabledAt" IS NOT NULL AS "hasLeft"
    FROM (
      SELECT DISTINCT p."hostId", p.account, p.uid, print AS fingerprint,
        'publickey' = ANY (string_to_array(p.methods, ',')) AS "byKey",
        coalesce(p."keyType" ~ '^(webauthn-)?sk-', false) AS "isSecurityKey"
      FROM "AccessPath" p
        LEFT JOIN LATERAL unnest(p.fingerprints) AS print ON true
      WHERE p."goneAt" IS NULL AND (p."expiresAt" IS NULL OR p."expiresAt" > ${now})
        AND (${hostIds === undefined} OR p."hostId" = ANY (${[...(hostIds ?? [])]}::uuid[]))
    ) w
    LEFT JOIN "PersonKey" k ON k.fingerprint = w.fingerprint AND k."removedAt" IS NULL AND k."provedAt" IS NOT NULL
    LEFT JOIN "Person" o ON o.id = k."personId"`;
}

/** Of these hosts those on which sshd never asks root for a code, by what was read. */
async function findRootNeverAsked(
  db: Db | Transaction,
  hostIds: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (hostIds.size === 0) return new Set();
  const readings = await db.accessReading.findMany({
    where: { hostId: { in: [...hostIds] } },
    select: { hostId: true, facts: true },
  });
  return new Set(
    readings.flatMap(({ hostId, facts: stored }) => {
      const facts = readableFacts(hostId, stored);
      return facts && mayRootBeAsked(facts) === false ? [hostId] : [];
    }),
  );
}

function keysOf(rows: readonly WayRow[]): KeyEvidence[] {
  return rows
    .filter(({ byKey }) => byKey)
    .map(({ fingerprint, isSecurityKey, verifiesOwner, personId, personName, hasLeft }) => ({
      fingerprint,
      isSecurityKey,
      verifiesOwner: verifiesOwner === true,
      holder: personId === null ? null : { id: personId, name: personName ?? "" },
      hasLeft: personId !== null && hasLeft === true,
    }));
}

interface Placed {
  act: string;
  writtenAt: Date | null;
  code: { kind: string; person: { id: string; name: string } };
}

/** The codes of an account as wanted and as read. What we wrote counts as there only by a reading made since. */
function codesOf(
  file: CodeFile | undefined,
  placed: Placed | undefined,
  { codeReading }: HostRow,
): CodeEvidence | null {
  if (!placed) return file ? foreignCodes(file) : null;
  const { act, writtenAt, code } = placed;
  // Also when the host has refused it: what was revoked is nobody's second factor, whether it still works or not.
  const isRemoving = act === "remove";
  const isRead = writtenAt !== null && codeReading?.readAt != null && codeReading.readAt >= writtenAt;
  const kind = code.kind === "hotp" ? "hotp" : "totp";
  const problem = file && problemsOf(file, true).find(({ isBroken }) => isBroken)?.text;
  // The code of the enrolment counts as used on the host from the beginning: only later ones were typed there.
  const usedAt = usedAtOf(file);
  const isLater = usedAt !== null && writtenAt !== null && usedAt.getTime() > writtenAt.getTime() + 60_000;
  return {
    kind,
    holder: code.person,
    standing: isRemoving ? "removing" : isRead ? "on-host" : "on-the-way",
    broken: problem ?? (isRead && !file ? "The state file is gone from the host. Write it anew." : null),
    // Nothing comes to a host before a right code was entered.
    isProved: true,
    lastUsedAt: isLater ? usedAt : null,
    scratchCodes: file?.scratchCodes ?? 0,
  };
}

function foreignCodes(file: CodeFile): CodeEvidence {
  const usedAt = usedAtOf(file);
  return {
    kind: file.kind,
    holder: null,
    standing: "on-host",
    broken: problemsOf(file, false).find(({ isBroken }) => isBroken)?.text ?? null,
    // google-authenticator(1) begins with no used code. A counter tells nothing: wrong codes move it, too.
    isProved: usedAt !== null,
    lastUsedAt: usedAt,
    scratchCodes: file.scratchCodes,
  };
}

function usedAtOf(file: CodeFile | undefined): Date | null {
  return file?.lastUsedSeconds == null ? null : new Date(file.lastUsedSeconds * 1000);
}

function exceptionOf(
  row: { id: string; reason: string; endsAt: Date; createdBy: { name: string } } | undefined,
): ReadinessException | null {
  return row ? { id: row.id, reason: row.reason, byName: row.createdBy.name, until: row.endsAt } : null;
}

function byHost<Row extends { hostId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  return grouped(rows, ({ hostId }) => hostId);
}

function byAccount<Row extends { account: string }>(rows: readonly Row[]): Map<string, Row[]> {
  return grouped(rows, ({ account }) => account);
}

function grouped<Row>(rows: readonly Row[], nameOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(nameOf(row));
    if (group) group.push(row);
    else groups.set(nameOf(row), [row]);
  }
  return groups;
}
