import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { type AccessOfHost, accessOfHost } from "@/lib/features/access/access-of-host";
import { isStale } from "@/lib/features/access/freshness";
import { HostAccessFilter, HostAccessInput, Logins } from "@/lib/features/access/schema";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import type {
  AccessAccountView,
  AccessFactsView,
  AccessPathView,
  HostAccessView,
} from "@/lib/features/access/views";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { query } from "@/lib/usecase";

/** Who can log in on a host, and why, by what was last read there. */
export const getHostAccess = query({
  name: "access.host",
  permission: "access:read",
  input: HostAccessFilter,
  async run({ hostId, ...filter }, { db, now }): Promise<HostAccessView> {
    const { host, reading, access, facts } = await readStored(db, hostId, now);
    const all = access?.accounts.flatMap((account) => account.paths) ?? [];
    const accounts = (access?.accounts ?? []).flatMap((account): AccessAccountView[] => {
      const paths = account.paths.filter((path) => fits(account, path, filter));
      return paths.length > 0 ? [{ ...account, paths }] : [];
    });
    return {
      hostId,
      hostName: host.name,
      readAt: reading?.readAt?.toISOString() ?? null,
      changedAt: reading?.changedAt?.toISOString() ?? null,
      isStale: reading ? isStale(reading, now) : true,
      isConsistent: reading?.isConsistent ?? true,
      failure: reading?.failure ?? null,
      cuts: [...(facts?.cuts ?? [])],
      sshdVersion: facts?.sshd.version ?? null,
      loginsSince: reading?.loginsSince?.toISOString() ?? null,
      refused: access?.refused ?? null,
      accounts,
      shown: accounts.reduce((sum, account) => sum + account.paths.length, 0),
      total: all.length,
      withoutWay: access?.withoutWay ?? [],
      methods: [...new Set(all.map(methodsOf))].sort(),
      obstacle: obstacleOf(host),
    };
  },
});

/** More is not sent to a browser, in UTF-8 bytes of JSON: hosts with thousands of accounts. */
const mostBytes = 2 * 1024 * 1024;

/** What the model of access judges by, so that the editor can tell what a draft does while it is typed. */
export const getAccessFacts = query({
  name: "access.facts",
  permission: "access:read",
  input: HostAccessInput,
  async run({ hostId }, { db, now }): Promise<AccessFactsView> {
    const host = await db.host.findUnique({ where: { id: hostId }, select: { access: true } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const { access: reading } = host;
    const known = {
      id: `${hostId} ${reading?.hash ?? ""}`,
      readAt: reading?.readAt?.toISOString() ?? null,
      isStale: reading ? isStale(reading, now) : true,
      now: Math.floor(now.getTime() / 1000),
    };
    if (!reading?.facts)
      return { ...known, json: null, obstacle: "Who can log in on this host was not read yet." };
    // What the editor has no use for stays here.
    const json = JSON.stringify({ ...unpackFacts(reading.facts), sudo: [], logins: [] });
    if (Buffer.byteLength(json) > mostBytes)
      return {
        ...known,
        json: null,
        obstacle:
          "This host has too many accounts and keys to judge while you type. The plan of the change does.",
      };
    return { ...known, json, obstacle: null };
  },
});

/** Every way in that fits, for a file. */
export const listHostAccessExport = query({
  name: "access.host-export",
  permission: "access:read",
  input: HostAccessFilter,
  async run(
    { hostId, ...filter },
    { db, now },
  ): Promise<(AccessPathView & { host: string; readAt: string })[]> {
    const { host, reading, access } = await readStored(db, hostId, now);
    if (!reading?.readAt || !access)
      throw new AppError("unavailable", `${host.name} was not read yet. Read its access first.`);
    const readAt = reading.readAt.toISOString();
    return access.accounts.flatMap((account) =>
      account.paths
        .filter((path) => fits(account, path, filter))
        .map((path) => ({ host: host.name, readAt, ...path })),
    );
  },
});

/** The methods of a way, as the filter names them: "publickey,password". */
function methodsOf(path: AccessPathView): string {
  return path.steps.map((step) => step.method).join(",");
}

function fits(
  account: AccessAccountView,
  path: AccessPathView,
  { q, factors, method }: { q: string; factors: string; method: string },
): boolean {
  if (factors === "one" && path.factors !== 1) return false;
  if (factors === "more" && path.factors < 2) return false;
  if (method !== "" && methodsOf(path) !== method) return false;
  if (q === "") return true;
  const wanted = q.toLowerCase();
  const texts = [
    account.name,
    path.personName ?? "",
    ...path.from,
    ...path.steps.flatMap(({ key }) => [key?.comment ?? "", key?.fingerprint ?? ""]),
  ];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

async function readStored(db: Db, hostId: string, now: Date) {
  const host = await db.host.findUnique({
    where: { id: hostId },
    select: { name: true, state: true, access: true },
  });
  if (!host) throw new AppError("not_found", "There is no such host.");
  const reading = host.access;
  const facts = reading?.facts ? unpackFacts(reading.facts) : undefined;
  const logins = Logins.safeParse(reading?.logins).data ?? [];
  const people = await listKeyOwners(db);
  const access: AccessOfHost | undefined = facts && accessOfHost(facts, logins, people, now);
  return { host, reading, facts, access };
}
