import { meet } from "@/lib/access/connection";
import { type Destination, destinationsOf } from "@/lib/access/destination";
import type { HostFacts } from "@/lib/access/facts";
import { type Effective, type Server, startServer } from "@/lib/access/server";
import { describeRanges, partition, rulesOfServer, type SourceRange } from "@/lib/access/sources";
import { managementAccount } from "@/lib/change/marker";
import { knownAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { matchPatternList } from "@/lib/sshd-config/pattern";

/** What may be demanded of every public key that logs in, whatever its line in authorized_keys says. */
export const keyDemands = ["touch", "verify", "security-keys-only"] as const;
export type KeyDemand = (typeof keyDemands)[number];

/** What is demanded on a host, and of whom it is not. */
export interface KeyPolicy {
  readonly demands: readonly KeyDemand[];
  /** Names of accounts: robots, which touch nothing. Gatehouse's own account is never meant. */
  readonly exceptAccounts: readonly string[];
}

/** What several policies come to on one host: demands add up, and an exception holds for its own policy alone. */
export interface JoinedKeyPolicy {
  readonly everybody: readonly KeyDemand[];
  /** Accounts of which less is demanded than of everybody. */
  readonly otherwise: ReadonlyMap<string, readonly KeyDemand[]>;
}

/** What policies demand together; undefined when they demand nothing. */
export function joinKeyPolicies(policies: readonly KeyPolicy[]): JoinedKeyPolicy | undefined {
  const joined = (of: readonly KeyPolicy[]) =>
    keyDemands.filter((demand) => of.some(({ demands }) => demands.includes(demand)));
  const everybody = joined(policies);
  if (everybody.length === 0) return undefined;
  const names = [...new Set(policies.flatMap(({ exceptAccounts }) => exceptAccounts))].sort();
  const otherwise = new Map(
    names
      .map((name) => [name, joined(policies.filter((one) => !one.exceptAccounts.includes(name)))] as const)
      .filter(([, demands]) => demands.length < everybody.length),
  );
  return { everybody, otherwise };
}

/** What is demanded of an account. */
export function demandsOn(account: string, policy: JoinedKeyPolicy): readonly KeyDemand[] {
  if (account === managementAccount) return [];
  return policy.otherwise.get(account) ?? policy.everybody;
}

/** The types and algorithms of security keys that this build knows. */
export function securityKeyAlgorithms(build: Build): string[] {
  return knownAlgorithms("key", build).filter((name) => /^(?:webauthn-)?sk-/.test(name));
}

/** What sshd demands of every key for a connection with these settings. */
export function demandedBy(effective: Effective): KeyDemand[] {
  const options = effective.values("pubkeyauthoptions").join(" ");
  const accepted = effective.value("pubkeyacceptedalgorithms");
  const isOther = (name: string) =>
    !/^(?:webauthn-)?sk-/.test(name) && matchPatternList(name, accepted) === 1;
  return keyDemands.filter((demand) => {
    if (demand === "touch") return /\btouch-required\b/.test(options);
    if (demand === "verify") return /\bverify-required\b/.test(options);
    return !knownAlgorithms("key", effective.build).some(isOther);
  });
}

/** An account of which less is demanded than the policy wants. */
export interface PolicyOffence {
  /** Undefined: any account that is not among those of the host, such as one of a directory. */
  readonly account: string | undefined;
  /** For people: "any address", "10.0.0.0/8". */
  readonly from: readonly string[];
  readonly lacks: readonly KeyDemand[];
  /** "path:line" of the line that says otherwise; undefined: sshd's own default. */
  readonly source: string | undefined;
}

/** What a policy comes to on a host: who is asked for less, or a sentence why that cannot be told. */
export type PolicyJudgement =
  | { readonly offences: readonly PolicyOffence[]; readonly obstacle?: undefined }
  | { readonly offences?: undefined; readonly obstacle: string };

/** Accounts times addresses that are told apart: a hostile host must not cost time. */
const mostQuestions = 20_000;
/** Runs of addresses that are told apart; each may be a pass over the configuration. */
const mostRuns = 500;

/**
 * Holds a policy against a host's configuration, account by account and from every address that it tells apart.
 *
 * What is demanded where keys open nothing at all does not count: `PubkeyAuthentication no` meets every policy.
 *
 * @param texts files of the configuration that are newer than the facts, by path
 */
export function judgeKeyPolicy(
  facts: HostFacts,
  policy: JoinedKeyPolicy,
  texts: ReadonlyMap<string, string>,
): PolicyJudgement {
  const server = startServer(facts, { draft: texts });
  if (server.refused !== undefined)
    return { obstacle: `sshd refuses the configuration of this host: ${server.refused}` };
  const found = new Map<string, PolicyOffence & { ranges: SourceRange[] }>();
  const destinations = destinationsOf(server);
  const alike = rangesAlike(server, destinations);
  if (
    alike.length * destinations.length > mostRuns ||
    server.accounts.size * alike.length * destinations.length > mostQuestions
  )
    return {
      obstacle: "The configuration tells too many addresses apart for so many accounts to be judged.",
    };
  for (const account of [...server.accounts.keys(), undefined]) {
    const wanted = demandsOn(account ?? nobody, policy);
    if (wanted.length === 0) continue;
    for (const group of alike) {
      for (const { lacks, source } of shortfalls(server, account, group[0].address, wanted)) {
        const id = JSON.stringify([account ?? null, lacks, source ?? null]);
        const offence = found.get(id) ?? { account, from: [], lacks, source, ranges: [] };
        offence.ranges.push(...group);
        found.set(id, offence);
      }
    }
  }
  return {
    offences: [...found.values()].map(({ ranges: all, ...offence }) => ({
      ...offence,
      from: describeRanges([...new Set(all)]),
    })),
  };
}

/** Runs of addresses that every Match block treats alike; where names or places to arrive at count, each by itself. */
function rangesAlike(
  server: Server,
  destinations: readonly Destination[],
): (readonly [SourceRange, ...SourceRange[]])[] {
  const [to, ...more] = destinations;
  const groups = new Map<string, [SourceRange, ...SourceRange[]]>();
  for (const range of partition([rulesOfServer(server)])) {
    const { address } = range;
    const isAlone = server.usesNames || more.length > 0 || to === undefined;
    const id = isAlone ? address : server.clientSide({ address, host: address, ...addressOf(to) });
    const group = groups.get(id);
    if (group) group.push(range);
    else groups.set(id, [range]);
  }
  return [...groups.values()];
}

const addressOf = ({ localAddress, localPort }: Destination) => ({ localAddress, localPort });

/** A name that no account has: what holds for everybody whom no Match block names. */
const nobody = "gatehouse-nobody";

function shortfalls(
  server: Server,
  account: string | undefined,
  address: string,
  wanted: readonly KeyDemand[],
): Pick<PolicyOffence, "lacks" | "source">[] {
  return destinationsOf(server).flatMap(({ localAddress, localPort }) => {
    const { effective } = meet(server, {
      user: account ?? nobody,
      address,
      localAddress,
      localPort,
      now: 0,
    });
    if (effective.crashes || !effective.isYes("pubkeyauthentication")) return [];
    const there = demandedBy(effective);
    const lacks = wanted.filter((demand) => !there.includes(demand));
    if (lacks.length === 0) return [];
    const keyword = lacks.includes("security-keys-only") ? "pubkeyacceptedalgorithms" : "pubkeyauthoptions";
    const origin = effective.held(keyword)[0]?.origin;
    return [{ lacks, source: origin && `${origin.path}:${origin.line}` }];
  });
}
