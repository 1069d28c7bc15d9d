import { printOptions } from "@/lib/authorized-keys/option-list";
import { managementAccount } from "@/lib/change/marker";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { isStale } from "@/lib/features/access/freshness";
import { type ObservedAccount, type ObservedKey, observeKeys } from "@/lib/features/access/key-files";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { writtenOptions } from "@/lib/features/placements/key-options";
import { isRootFile } from "@/lib/features/placements/root-place";
import { HostKeysInput } from "@/lib/features/placements/schema";
import type {
  GrantView,
  HostKeysView,
  KeyAccountView,
  KeyHolderView,
  PlacedKeyView,
} from "@/lib/features/placements/views";
import { type GrantRow, readWanted, type Wanted, whyUnwanted } from "@/lib/features/placements/wanted";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

/** The keys of a host's accounts: what was last read there, and what is wanted there, side by side. */
export const getHostKeys = query({
  name: "placement.host",
  permission: "access:read",
  input: HostKeysInput,
  async run({ hostId }, { db, actor, now }): Promise<HostKeysView> {
    const host = await db.host.findUnique({ where: { id: hostId }, include: { access: true } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const reading = host.access;
    const hostObstacle = obstacleOf(host);
    const view: HostKeysView = {
      hostId,
      hostName: host.name,
      readAt: reading?.readAt?.toISOString() ?? null,
      isStale: reading ? isStale(reading, now) : true,
      obstacle: null,
      accounts: [],
      others: 0,
      rootFiles: "none",
      people: [],
      tags: host.tags,
      hostObstacle,
      canPlan: hostObstacle === null && can(actor.role, "config:draft"),
      canGrant: can(actor.role, "access:grant"),
    };
    if (!reading?.facts) return { ...view, obstacle: "Who can log in on this host was not read yet." };
    const observed = observeKeys(unpackFacts(reading.facts), Math.floor(now.getTime() / 1000));
    if (typeof observed === "string")
      return {
        ...view,
        obstacle: `sshd refuses its own configuration on this host, so nobody's keys count: ${observed}`,
      };
    const wanted = await readWanted(db, host, now);
    const own = host.managementPublicKey ? parsePublicKey(host.managementPublicKey) : undefined;
    const management = own && fingerprint(own.blob);
    const all = observed.map((account) => accountView(account, wanted, management));
    const accounts = all.filter((account) => isShown(account, observed));
    const absent = [...new Set(wanted.grants.map(({ account }) => account))].filter(
      (name) => !observed.some(({ account }) => account.name === name),
    );
    return {
      ...view,
      accounts: [...accounts, ...absent.map((name) => absentAccount(name, wanted))],
      others: all.length - accounts.length,
      rootFiles: rootFilesOf(all.filter(({ name }) => name !== managementAccount)),
      people: await keyHolders(db),
    };
  },
});

function rootFilesOf(accounts: readonly KeyAccountView[]): HostKeysView["rootFiles"] {
  const having = accounts.filter(({ files }) => files.some(({ path }) => isRootFile(path)));
  if (having.length === 0) return "none";
  return having.length === accounts.length ? "all" : "some";
}

/** Somebody's keys stand or are wanted there, or somebody might log in. */
function isShown(
  { name, uid, files, missing, grants }: KeyAccountView,
  observed: readonly ObservedAccount[],
) {
  if (files.some(({ keys }) => keys.length > 0) || missing.length > 0 || grants.length > 0) return true;
  const shell = observed.find(({ account }) => account.name === name)?.account.shell ?? "";
  return (uid === 0 || (uid >= 1000 && uid < 65_534)) && !/\/(?:nologin|false|sync)$/.test(shell);
}

function accountView(
  { account, files }: ObservedAccount,
  wanted: Wanted,
  management: string | undefined,
): KeyAccountView {
  const mine = wanted.keys.filter((key) => key.account === account.name);
  const there = new Set(
    files.flatMap(({ keys }) => keys.filter((key) => !key.isAuthority).map((key) => key.fingerprint)),
  );
  return {
    name: account.name,
    uid: account.uid,
    exists: true,
    files: files.map(({ skipped: _, ...file }) => ({
      ...file,
      keys: file.keys.map((key) => placedKey(key, account.name, wanted, management)),
    })),
    missing: mine
      .filter((key) => !there.has(key.fingerprint))
      .map(({ keyId, keyName, fingerprint, personName, options, optionsText }) => ({
        keyId,
        keyName,
        fingerprint,
        personName,
        options,
        optionsText,
      })),
    grants: wanted.grants.filter((grant) => grant.account === account.name).map(grantView),
  };
}

function absentAccount(name: string, wanted: Wanted): KeyAccountView {
  const grants = wanted.grants.filter((grant) => grant.account === name).map(grantView);
  return { name, uid: -1, exists: false, files: [], missing: [], grants };
}

function placedKey(
  key: ObservedKey,
  account: string,
  wanted: Wanted,
  management: string | undefined,
): PlacedKeyView {
  const owner = wanted.known.get(key.fingerprint);
  // A grant asks for a key, never for an authority of the same key.
  const grant = key.isAuthority
    ? undefined
    : wanted.keys.find((item) => item.account === account && item.fingerprint === key.fingerprint);
  const unwanted =
    !grant && owner ? whyUnwanted(owner, { account, fingerprint: key.fingerprint }, wanted) : null;
  const other = grant && grant.optionsText !== key.options ? grant : undefined;
  const { blob: _, ...seen } = key;
  return {
    ...seen,
    ownerName: owner?.personName ?? null,
    keyName: owner?.keyName ?? null,
    standing: grant ? "wanted" : unwanted ? "unwanted" : "other",
    remark: other ? `The grant asks for other options: ${other.optionsText || "none"}.` : unwanted,
    otherwise: other ? { keyId: other.keyId, options: other.options } : null,
    isManagement: account === managementAccount || key.fingerprint === management,
  };
}

function grantView({ id, personName, account, tag, options, endsAt, note, keys }: GrantRow): GrantView {
  const printed = printOptions(writtenOptions(options, "sk-"));
  return {
    id,
    personName,
    account,
    tag,
    optionsText: "reason" in printed ? "" : printed.text,
    endsAt: endsAt?.toISOString() ?? null,
    note,
    keys,
  };
}

async function keyHolders(db: Db): Promise<KeyHolderView[]> {
  return db.person.findMany({
    where: { disabledAt: null },
    select: {
      id: true,
      name: true,
      keys: {
        where: { removedAt: null, provedAt: { not: null } },
        select: { id: true, name: true, type: true, fingerprint: true },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      },
    },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
}
