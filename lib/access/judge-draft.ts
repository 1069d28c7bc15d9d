import { refuseAccount } from "@/lib/access/account";
import { meet, type Situation } from "@/lib/access/connection";
import { type AccessDifference, accessDifference, subjectOf, type Who } from "@/lib/access/difference";
import type { HostFacts } from "@/lib/access/facts";
import { type Server, startServer } from "@/lib/access/server";
import { type Reason, reasonOf } from "@/lib/access/ways";
import { type KeyOwner, type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { findKeyword } from "@/lib/sshd-config/directives";

/** Files of the configuration by path, as they are taken to be. */
export type Texts = ReadonlyMap<string, string>;

/** Who can log in with the configuration as it stands: what drafts are held against. */
export interface Standing {
  readonly facts: HostFacts;
  readonly server: Server;
  readonly paths: readonly LoginPath[];
  readonly people: readonly KeyOwner[];
  /** The moment that both sides are judged for, in seconds since 1970. */
  readonly now: number;
}

/** What a draft does to who can log in. */
export interface DraftJudgement {
  readonly difference: AccessDifference;
  /** Accounts that can be logged in to today, and have no way in with the draft; in the host's order. */
  readonly shutOut: readonly string[];
  /** Accounts that keep only ways of which the host alone can tell whether they are open. */
  readonly doubtful: readonly string[];
  /** What decides, with the lines: why a gain is one, and what took the way of whoever loses it. */
  why(who: Who): readonly Reason[];
}

/** sshd refuses one of both texts, so that there is nothing to compare. */
export interface Unjudged {
  readonly side: "before" | "after";
  /** sshd's sentence. */
  readonly refused: string;
}

/**
 * Who can log in today.
 *
 * @param texts files that are newer than the facts; the others are as the facts say
 */
export function standingOf(
  facts: HostFacts,
  { texts, now, people = [] }: { texts: Texts; now: number; people?: readonly KeyOwner[] },
): Standing {
  const server = startServer(facts, { draft: texts });
  return { facts, server, people, now, paths: whoCanLogIn(facts, { now, people, server }) };
}

/**
 * Who gains and who loses by a draft.
 *
 * @param texts every file that differs from the facts, whether the draft changes it or not
 */
export function judgeDraft(standing: Standing, texts: Texts): DraftJudgement | Unjudged {
  const { facts, people, now } = standing;
  if (standing.server.refused !== undefined) return { side: "before", refused: standing.server.refused };
  const server = startServer(facts, { draft: texts });
  if (server.refused !== undefined) return { side: "after", refused: server.refused };
  return compareStandings(standing, {
    facts,
    server,
    people,
    now,
    paths: whoCanLogIn(facts, { now, people, server }),
  });
}

/**
 * Who gains and who loses from one state of a host to another, both judged for the same moment.
 *
 * Neither server may be one that refuses its configuration.
 */
export function compareStandings(standing: Standing, next: Standing): DraftJudgement {
  const { paths: before } = standing;
  const { server, paths: after } = next;
  const left = new Map<string, boolean>();
  for (const { account, dependsOn } of after)
    left.set(account, left.get(account) === true || dependsOn.length === 0);
  const had = before.filter(countsAsWay);
  const certain = new Set(before.filter(({ dependsOn }) => dependsOn.length === 0).map((p) => p.account));
  return {
    difference: accessDifference(before, after),
    shutOut: unique(had.filter(({ account }) => !left.has(account))),
    doubtful: unique(had.filter(({ account }) => certain.has(account) && left.get(account) === false)),
    why: (who) => explain(who, { standing, server, after }),
  };
}

/**
 * A way that somebody may miss. An account without a shell that a module of PAM might let in is none: on hosts with
 * a directory service every system account would be one.
 */
const countsAsWay = ({ dependsOn, limits }: LoginPath) => dependsOn.length === 0 || !limits.hasNoShell;

const unique = (paths: readonly LoginPath[]) => [...new Set(paths.map(({ account }) => account))];

interface Sides {
  standing: Standing;
  server: Server;
  after: readonly LoginPath[];
}

function explain(who: Who, { standing, server, after }: Sides): readonly Reason[] {
  const fits = (path: LoginPath) => subjectOf(path) === who.id;
  const was = standing.paths.find(fits);
  const is = after.find(fits);
  const path = was ?? is;
  if (!path) return [];
  const met = (of: Server) => meetBy(of, path, standing.now);
  const [old, now] = [met(standing.server), met(server)];
  const changes = changedReasons(old, now);
  if (is) return was ? changes : [...changes, ...is.why.filter((reason) => !isIn(changes, reason))];
  const refusal = refuseAccount(now);
  if (!refusal) return changes;
  const { text, origin } = refusal;
  return [{ text, ...(origin && { source: `${origin.path}:${origin.line}` }) }];
}

const isIn = (reasons: readonly Reason[], { text, source }: Reason) =>
  reasons.some((reason) => reason.text === text && reason.source === source);

/** The connection of somebody who takes a way: from the first address from which it is open. */
function meetBy(server: Server, path: LoginPath, now: number): Situation {
  const arrived = /^\[?([^\]]*?)\]?:(\d+)$/.exec(path.to ?? "");
  return meet(server, {
    user: path.account,
    address: path.ranges[0]?.first ?? "192.0.2.1",
    localAddress: arrived?.[1] ?? "127.0.0.1",
    localPort: Number(arrived?.[2] ?? 22),
    now,
  });
}

/** What decides whether and how somebody is let in, in the order in which sshd asks. */
const deciding = [
  "refuseconnection",
  "denyusers",
  "allowusers",
  "denygroups",
  "allowgroups",
  "permitrootlogin",
  "authenticationmethods",
  "usepam",
  "maxauthtries",
  "pubkeyauthentication",
  "pubkeyacceptedalgorithms",
  "pubkeyauthoptions",
  "requiredrsasize",
  "authorizedkeysfile",
  "authorizedkeyscommand",
  "authorizedprincipalsfile",
  "authorizedprincipalscommand",
  "trustedusercakeys",
  "casignaturealgorithms",
  "revokedkeys",
  "strictmodes",
  "passwordauthentication",
  "permitemptypasswords",
  "kbdinteractiveauthentication",
  "hostbasedauthentication",
  "ignorerhosts",
  "ignoreuserknownhosts",
  "gssapiauthentication",
  "chrootdirectory",
] as const;

/** The settings that hold for the connection now and did not before, with their lines. */
function changedReasons({ effective: old }: Situation, { effective }: Situation): Reason[] {
  return deciding
    .filter((keyword) => old.values(keyword).join("\n") !== effective.values(keyword).join("\n"))
    .map((keyword) => reasonOf(effective, keyword, findKeyword(keyword)?.name ?? keyword));
}
