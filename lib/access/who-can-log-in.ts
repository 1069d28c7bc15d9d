import { meet, type Situation } from "@/lib/access/connection";
import { type Destination, destinationsOf } from "@/lib/access/destination";
import type { AccountFacts, HostFacts } from "@/lib/access/facts";
import { keySettings } from "@/lib/access/key-alternatives";
import { entriesOf } from "@/lib/access/key-entries";
import { keyFilesOf } from "@/lib/access/key-files";
import { limitsOf, type PathLimits } from "@/lib/access/path-limits";
import { type Effective, type Server, startServer } from "@/lib/access/server";
import {
  addressAt,
  describeRanges,
  joinRanges,
  partition,
  rulesOf,
  rulesOfServer,
  type SourceRange,
  type SourceRules,
} from "@/lib/access/sources";
import { findWays, type Reason, type Way, type WayStep } from "@/lib/access/ways";
import type { Build } from "@/lib/sshd-config/build";

/** Somebody whose keys we know. */
export interface KeyOwner {
  readonly id: string;
  readonly name: string;
  /** "SHA256:…" */
  readonly fingerprints: readonly string[];
  /** Has left: no key of theirs should open anything. */
  readonly hasLeft?: boolean;
}

/** One way to log in, from all the addresses from which it is open. */
export interface LoginPath {
  readonly account: string;
  readonly uid: number;
  /** For people: "any address", "10.0.0.0/8", "192.0.2.1–192.0.2.9". */
  readonly from: readonly string[];
  /** The same, first and last address of each run; its first address stands for the run. */
  readonly ranges: readonly { readonly first: string; readonly last: string }[];
  /** The host's own address and port, where the way is not open at all of them. */
  readonly to?: string;
  /** All of them, in this order. */
  readonly steps: readonly WayStep[];
  /** Whose key it is; undefined: nobody we know, or no key at all. */
  readonly person?: KeyOwner;
  /** How many different things somebody has to have or to know. */
  readonly factors: number;
  readonly limits: PathLimits;
  /** The lines that decide, from sshd_config to the key. */
  readonly why: readonly Reason[];
  /** What only the host can tell; empty: certain. */
  readonly dependsOn: readonly string[];
}

export interface WhoOptions {
  /** The moment, in seconds since 1970. */
  readonly now: number;
  readonly people?: readonly KeyOwner[];
  /** Instead of the one that the facts name. */
  readonly build?: Build;
  /** Files of the configuration as somebody is changing them, by path. */
  readonly draft?: ReadonlyMap<string, string>;
  /** A server that was started on these facts already. */
  readonly server?: Server;
  /** Only these accounts; all when not given. */
  readonly accounts?: ReadonlySet<string>;
}

/**
 * Every way to log in to a host, with the addresses, the methods in their order, and the lines that decide.
 *
 * In the order of the host's accounts. Agrees with `tryLogin`: a path that depends on nothing is let in by it, and
 * what it lets in is one of the paths. Empty for a host whose sshd refuses its configuration.
 */
export function whoCanLogIn(facts: HostFacts, options: WhoOptions): LoginPath[] {
  const server = options.server ?? startServer(facts, options);
  if (server.refused !== undefined) return [];
  const rules = rulesOfServer(server);
  const owners = ownersByPrint(options.people ?? []);
  const destinations = destinationsOf(server);
  const ranges = partition([rules]);
  const groups = destinations.map((destination) => groupRanges(server, ranges, destination));
  const paths: LoginPath[] = [];
  for (const account of server.accounts.values()) {
    if (options.accounts && !options.accounts.has(account.name)) continue;
    for (const [i, destination] of destinations.entries()) {
      const found = waysOf(server, account, destination, {
        rules,
        groups: groups[i] ?? [],
        now: options.now,
      });
      for (const open of found) {
        const path = toPath(account, open, owners, options.now, server);
        paths.push(destinations.length > 1 ? { ...path, to: destination.name } : path);
      }
    }
  }
  return server.looksAtLocal ? joinDestinations(paths, destinations.length) : paths;
}

/** A way that is open at every address of the host is one path. */
export function joinDestinations(paths: readonly LoginPath[], count: number): LoginPath[] {
  if (count < 2) return [...paths];
  const groups = new Map<string, LoginPath[]>();
  for (const path of paths) {
    const id = JSON.stringify([path.account, path.ranges, path.steps.map(stepId), path.limits]);
    groups.set(id, [...(groups.get(id) ?? []), path]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (group.length < count || !first) return group;
    const { to: _, ...everywhere } = first;
    return [everywhere];
  });
}

/** Runs of addresses that every Match block treats alike; never empty. */
type RangeGroup = readonly [SourceRange, ...SourceRange[]];

/** With names in play every run stands for itself: the first address of a run may have one. */
function groupRanges(
  server: Server,
  ranges: readonly SourceRange[],
  { localAddress, localPort }: Destination,
): RangeGroup[] {
  const groups = new Map<string, [SourceRange, ...SourceRange[]]>();
  for (const range of ranges) {
    const { address } = range;
    const id = server.usesNames
      ? address
      : server.clientSide({ address, host: address, localAddress, localPort });
    const group = groups.get(id);
    if (group) group.push(range);
    else groups.set(id, [range]);
  }
  return [...groups.values()];
}

/** A way with the addresses from which it is open. */
export interface OpenWay {
  readonly way: Way;
  readonly ranges: SourceRange[];
  readonly situation: Situation;
  readonly doubts: Set<string>;
}

/** The ways of one account, each with the addresses from which it is open. */
function waysOf(
  server: Server,
  account: AccountFacts,
  { localAddress, localPort }: Destination,
  { rules, groups, now }: { rules: SourceRules; groups: readonly RangeGroup[]; now: number },
): OpenWay[] {
  const meetAt = ({ address }: SourceRange) =>
    meet(server, { user: account.name, address, localAddress, localPort, now });
  const met = groups.map((group) => ({ group, situation: meetAt(group[0]) }));
  const own = ownLists(met, account);
  const ownRules = own.length === 0 ? noRules : rulesOf(own, server);
  const isPlain = own.length === 0 && !met.some(({ situation }) => looksAtAddress(situation.effective));
  const cells = isPlain
    ? met
    : partition([rules, ownRules]).map((range) => ({ group: [range] as const, situation: meetAt(range) }));
  const doubts = new Set(
    [...rules.opaque, ...ownRules.opaque].map((p) => `whether the client's address fits ${p}`),
  );
  const open = new Map<string, OpenWay>();
  const known = new Map<Effective, readonly NamedWay[]>();
  const steps = new Map<WayStep, string>();
  for (const { group, situation } of cells) {
    const { effective } = situation;
    const ways =
      (isPlain ? known.get(effective) : undefined) ??
      findWays(situation).map((way) => ({ way, id: wayId(way, steps) }));
    known.set(effective, ways);
    for (const { way, id } of ways) {
      let there = open.get(id);
      if (!there) {
        there = { way, ranges: [], situation, doubts: server.usesNames ? new Set(doubts) : doubts };
        open.set(id, there);
      }
      there.ranges.push(...group);
      if (server.usesNames && !situation.isNameCertain && namesHosts(server, own))
        there.doubts.add("the name that DNS gives the client");
    }
  }
  return [...open.values()];
}

const noRules: SourceRules = { networks: [], opaque: [] };

/** Every from= that the account's keys have, under any of the settings that were met. */
function ownLists(met: readonly { readonly situation: Situation }[], account: AccountFacts): string[] {
  const effectives = new Set<Effective>();
  const settings = new Set<number>();
  const lists = new Set<string>();
  for (const { situation } of met) {
    if (effectives.has(situation.effective)) continue;
    effectives.add(situation.effective);
    const number = keySettings(situation);
    if (settings.has(number)) continue;
    settings.add(number);
    for (const list of fromLists(situation, account)) lists.add(list);
  }
  return [...lists];
}

/** The from= of every line that the account's files have. */
function fromLists(situation: Situation, account: AccountFacts): readonly string[] {
  const lists: string[] = [];
  for (const path of keyFilesOf(situation, account)) {
    if (path === undefined) break;
    for (const { options } of entriesOf(situation.server, path))
      if (options.from !== undefined) lists.push(options.from);
  }
  if (!situation.effective.isNone("authorizedprincipalsfile")) lists.push(...principalsFrom(situation));
  return lists;
}

const principalLists = new WeakMap<HostFacts, readonly string[]>();

/** Any from= in files of principals; which of them are read does not matter for where addresses are cut. */
function principalsFrom({ server }: Situation): readonly string[] {
  const known = principalLists.get(server.facts) ?? findPrincipalLists(server.facts);
  principalLists.set(server.facts, known);
  return known;
}

function findPrincipalLists({ files }: HostFacts): string[] {
  return Object.values(files).flatMap(({ text }) =>
    text?.includes("from=") ? [...text.matchAll(/from="([^"\n]*)"/gi)].map(([, list = ""]) => list) : [],
  );
}

const addressed = new WeakMap<Effective, boolean>();

/** Do the lists of accounts name addresses? */
function looksAtAddress(effective: Effective): boolean {
  const known =
    addressed.get(effective) ??
    (["allowusers", "denyusers"] as const).some((k) => effective.values(k).some((p) => p.includes("@")));
  addressed.set(effective, known);
  return known;
}

/** Does any list name a host instead of an address? */
function namesHosts(server: Server, own: readonly string[]): boolean {
  const words = [...server.lists, ...own].flatMap((list) => list.split(/[\s,!@]+/));
  return words.some((word) => /[g-z]/i.test(word) && word.includes("."));
}

interface NamedWay {
  readonly way: Way;
  readonly id: string;
}

/**
 * Ways that differ in nothing but the address have one id. No text of a host holds a NUL.
 *
 * @param steps the ids of steps that were met before
 */
function wayId(way: Way, steps: Map<WayStep, string>): string {
  let id = "";
  for (const step of way.steps) {
    const known = steps.get(step) ?? stepId(step);
    steps.set(step, known);
    id += `\0\0${known}`;
  }
  for (const { text, source } of way.why) id += `\0${text}\0${source}`;
  return id;
}

function stepId({ method, key, why, dependsOn, factors }: WayStep): string {
  let id = `${method}\0${dependsOn}\0${factors.join()}`;
  if (key) id += `\0${key.kind}\0${key.fingerprint}\0${key.principals?.join("\0")}\0${key.grant?.source}`;
  for (const { text, source } of why) id += `\0${text}\0${source}`;
  return id;
}

/** A way as it is told to people. */
export function toPath(
  account: AccountFacts,
  { way, ranges, situation, doubts }: OpenWay,
  owners: ReadonlyMap<string, KeyOwner>,
  now: number,
  server: Server,
): LoginPath {
  const person = ownerOf(way, owners);
  const [first] = way.steps;
  return {
    account: account.name,
    uid: account.uid,
    ...tellRanges(ranges, server),
    steps: way.steps,
    ...(person && { person }),
    factors: way.steps.length === 1 && first ? first.factors.length : countFactors(way),
    limits: limitsOf(account, way, situation, server, now),
    why: [...way.why, ...way.steps.flatMap((step) => step.why)],
    dependsOn: isCertain(way, doubts)
      ? certain
      : [...new Set([...way.steps.flatMap((s) => s.dependsOn ?? []), ...doubts])],
  };
}

const certain: readonly string[] = [];

const isCertain = (way: Way, doubts: ReadonlySet<string>) =>
  doubts.size === 0 && way.steps.every((step) => step.dependsOn === undefined);

/** One step asks for different things only; the same may be asked for twice. */
const countFactors = ({ steps }: Way) => new Set(steps.flatMap((step) => step.factors)).size;

/** The first of the keys that somebody owns tells who it is. */
function ownerOf({ steps }: Way, owners: ReadonlyMap<string, KeyOwner>): KeyOwner | undefined {
  for (const { key } of steps) {
    const owner = key?.kind === "key" && key.fingerprint ? owners.get(key.fingerprint) : undefined;
    if (owner) return owner;
  }
  return undefined;
}

const told = new WeakMap<Server, Map<string, Pick<LoginPath, "from" | "ranges">>>();

/** Most ways of a host are open from the same few runs of addresses. */
function tellRanges(ranges: readonly SourceRange[], server: Server): Pick<LoginPath, "from" | "ranges"> {
  const known = told.get(server) ?? new Map<string, Pick<LoginPath, "from" | "ranges">>();
  told.set(server, known);
  // A run begins at its address; where it ends may differ between two ways of cutting.
  let id = "";
  for (const { address, last } of ranges) id += `${address}-${last} `;
  const found = known.get(id);
  if (found) return found;
  const joined = joinRanges(ranges);
  const telling = {
    from: describeRanges(ranges),
    ranges: joined.map(({ family, address, last }) => ({ first: address, last: addressAt(family, last) })),
  };
  known.set(id, telling);
  return telling;
}

/** Who owns a key, by its fingerprint. */
export function ownersByPrint(people: readonly KeyOwner[]): ReadonlyMap<string, KeyOwner> {
  return new Map(people.flatMap((person) => person.fingerprints.map((print) => [print, person] as const)));
}
