import { type CodeFile, HostCodes } from "@/lib/agent/read-codes";
import { managementAccount } from "@/lib/change/marker";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { placesOf } from "@/lib/features/host-codes/places";
import { clockProblemOf, problemsOf } from "@/lib/features/host-codes/problems";
import { CodesOfPerson, HostCodesInput } from "@/lib/features/host-codes/schema";
import type {
  HostCodesView,
  MyHostCodesView,
  PersonCodesView,
  PlacedCodeView,
  RevokedCodeView,
} from "@/lib/features/host-codes/views";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { NoInput } from "@/lib/features/people/schema";
import type { Prisma } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

/** So long a person is told that somebody else has revoked codes of his. */
const toldDays = 30;

const withAll = {
  host: { select: { name: true, codeReading: true } },
  code: {
    select: {
      kind: true,
      personId: true,
      person: { select: { name: true } },
      placements: { where: { endedAt: null }, select: { hostId: true, host: { select: { name: true } } } },
    },
  },
} as const satisfies Prisma.HostCodePlacementInclude;
type Row = Prisma.HostCodePlacementGetPayload<{ include: typeof withAll }>;

/** One's own codes, and the accounts of one's own that have none. */
export const listMyHostCodes = query({
  name: "host-codes.mine",
  permission: "signed-in",
  input: NoInput,
  async run(_, { actor, db, now }): Promise<MyHostCodesView> {
    const codes = await placedCodes(db, { code: { personId: actor.personId } });
    const places = await placesOf(db, actor.personId, now);
    const hasCodes = ({ hostId, account }: { hostId: string; account: string }) =>
      codes.some((code) => code.hostId === hostId && code.account === account);
    return {
      personId: actor.personId,
      codes,
      revoked: await revokedByOthers(db, actor.personId, now),
      places: places.filter((place) => !hasCodes(place)),
    };
  },
});

/** A person's codes on every host. */
export const getPersonCodes = query({
  name: "host-codes.person",
  permission: "person:read",
  input: CodesOfPerson,
  async run({ personId }, { actor, db }): Promise<PersonCodesView> {
    const person = await db.person.findUnique({ where: { id: personId } });
    if (!person) throw new AppError("not_found", "There is no such person.");
    return {
      personId,
      name: person.name,
      codes: await placedCodes(db, { code: { personId } }),
      canRevoke: can(actor.role, "host-codes:write"),
    };
  },
});

/** Everybody's codes on a host, and what its state files are like. */
export const getHostCodes = query({
  name: "host-codes.host",
  permission: "access:read",
  input: HostCodesInput,
  async run({ hostId }, { actor, db }): Promise<HostCodesView> {
    const host = await db.host.findUnique({ where: { id: hostId }, include: { codeReading: true } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const canWrite = can(actor.role, "host-codes:write");
    const [codes, accounts, people] = await Promise.all([
      placedCodes(db, { hostId }),
      accountsOf(db, hostId),
      canWrite
        ? db.person.findMany({
            where: { disabledAt: null },
            select: { id: true, name: true },
            orderBy: [{ name: "asc" }, { id: "asc" }],
          })
        : [],
    ]);
    const reading = HostCodes.safeParse(host.codeReading?.codes).data;
    const { files, ...place } = reading ?? { files: [] };
    const foreign = files.filter((file) => !codes.some((code) => code.account === file.account));
    return {
      hostId,
      hostName: host.name,
      readAt: host.codeReading?.readAt?.toISOString() ?? null,
      failure: host.codeReading?.failure ?? null,
      place: "pattern" in place ? place : null,
      clockOffsetSeconds: host.codeReading?.clockOffsetSeconds ?? null,
      codes,
      foreign: foreign.map((file) => ({
        account: file.account,
        path: file.path,
        kind: file.kind,
        scratchCodes: file.scratchCodes,
        problems: problemsOf(file, false),
      })),
      accounts: [...new Set([...accounts, ...foreign.map(({ account }) => account)])].sort(),
      people,
      obstacle: obstacleOf(host),
      canWrite,
      canInstall: can(actor.role, "host:packages"),
    };
  },
});

/** What others revoked lately, and nothing has taken the place of. */
async function revokedByOthers(db: Db, personId: string, now: Date): Promise<RevokedCodeView[]> {
  const rows = await db.$queryRaw<(Omit<RevokedCodeView, "at"> & { at: Date })[]>`
    SELECT p.id, h.name AS "hostName", p.account, o.name AS "byName", p."revokedAt" AS at
    FROM "HostCodePlacement" p
      JOIN "HostCode" c ON c.id = p."codeId" AND c."personId" = ${personId}::uuid
      JOIN "Host" h ON h.id = p."hostId" AND h.state <> 'archived'
      JOIN "Person" o ON o.id = p."revokedById" AND o.id <> c."personId"
    WHERE p."revokedAt" > ${new Date(now.getTime() - toldDays * 86_400_000)}
      AND NOT EXISTS (
        SELECT FROM "HostCodePlacement" other WHERE other."hostId" = p."hostId" AND other.account = p.account
          AND other."createdAt" > p."revokedAt")
    ORDER BY p."revokedAt" DESC, p.id`;
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
}

async function placedCodes(db: Db, where: Prisma.HostCodePlacementWhereInput): Promise<PlacedCodeView[]> {
  const rows = await db.hostCodePlacement.findMany({
    where: { ...where, endedAt: null },
    include: withAll,
    orderBy: [{ host: { name: "asc" } }, { account: "asc" }],
  });
  return rows.map(placedCode);
}

function placedCode(row: Row): PlacedCodeView {
  const { code, host } = row;
  const kind = code.kind === "hotp" ? "hotp" : "totp";
  const reading = host.codeReading;
  const codes = HostCodes.safeParse(reading?.codes).data;
  const isRead =
    codes !== undefined &&
    row.writtenAt !== null &&
    reading?.readAt != null &&
    reading.readAt >= row.writtenAt;
  const file = isRead ? codes.files.find(({ account }) => account === row.account) : undefined;
  const offset = kind === "totp" ? (reading?.clockOffsetSeconds ?? null) : null;
  return {
    id: row.id,
    kind,
    hostId: row.hostId,
    hostName: host.name,
    account: row.account,
    personId: code.personId,
    personName: code.person.name,
    sharedWith: code.placements.filter(({ hostId }) => hostId !== row.hostId).map((other) => other.host.name),
    act: row.act as PlacedCodeView["act"],
    state: row.state as PlacedCodeView["state"],
    failure: row.failure,
    writtenAt: row.writtenAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    scratchCodes: file?.scratchCodes ?? null,
    counter: file?.counter ?? null,
    problems: [
      ...(isRead ? fileProblems(file, kind) : []),
      ...(offset === null ? [] : [clockProblemOf(offset) ?? []].flat()),
    ],
    clockOffsetSeconds: offset,
    isAsked: codes?.isInForce ?? null,
    isOptional: codes?.isOptional ?? false,
    readAt: reading?.readAt?.toISOString() ?? null,
  };
}

function fileProblems(file: CodeFile | undefined, kind: "totp" | "hotp"): PlacedCodeView["problems"] {
  const problems = file
    ? problemsOf(file, true)
    : [{ text: "The state file is gone from the host.", remedy: "write" as const, isBroken: true }];
  // A counter that was lost with the file would let used codes count again.
  return kind === "totp"
    ? problems
    : problems.map((problem) => (problem.remedy === "write" ? { ...problem, remedy: "enrol" } : problem));
}

/** Accounts that somebody can log in to, by the last reading, or is meant to. */
async function accountsOf(db: Db, hostId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ account: string }[]>`
    SELECT account FROM "AccessPath" WHERE "hostId" = ${hostId}::uuid
    UNION SELECT g.account FROM "AccountGrant" g JOIN "Host" h ON g."hostId" = h.id OR g.tag = ANY (h.tags)
      WHERE h.id = ${hostId}::uuid AND g."revokedAt" IS NULL`;
  return rows.map(({ account }) => account).filter((account) => account !== managementAccount);
}
