import type { Release } from "@/lib/sshd-config/build";

/** An OpenSSH release as the release notes write it: "9.2". */
export type ReleaseName = `${number}.${number}`;

/** How a keyword's arguments are read; each kind has one reader. */
export type Kind =
  | "yes-no"
  | "enum"
  | "tunnel"
  | "log-level"
  | "log-facility"
  | "digest"
  | "int"
  | "int-or-none"
  | "time"
  | "time-or-none"
  | "octal"
  | "port"
  | "string"
  | "account"
  | "routing-domain"
  | "path"
  | "path-added"
  | "path-list"
  | "token-path"
  | "agent-socket"
  | "agent-path"
  | "provider"
  | "raw"
  | "addendum"
  | "command"
  | "words"
  | "accept-env"
  | "group-list"
  | "user-host-list"
  | "address-list"
  | "algorithms"
  | "key-algorithms"
  | "methods"
  | "open-list"
  | "listen-list"
  | "listen-address"
  | "channel-timeouts"
  | "rekey-limit"
  | "ip-qos"
  | "max-startups"
  | "net-block"
  | "penalties"
  | "pubkey-options"
  | "set-env"
  | "subsystem"
  | "user-environment"
  | "match"
  | "include"
  | "legacy";

/**
 * What a keyword can do to a host, worst first.
 *
 * execute: names code that runs or changes its surroundings · access: decides who gets in · network: where sshd
 * listens and what it forwards · crypto · session · log. An unknown keyword counts as "execute".
 */
export type Risk = "execute" | "access" | "network" | "crypto" | "session" | "log";

/**
 * What a second line of the same keyword does, in one pass over the files.
 *
 * first: it is ignored · last: it replaces · accumulate: it adds · none: the keyword has no effect ·
 * block, immediate: Match and Include.
 */
export type Merge = "first" | "last" | "accumulate" | "none" | "block" | "immediate";

/** live: has an effect · ignored: silently swallowed · deprecated, unsupported: swallowed with a warning. */
export type Status = "live" | "ignored" | "deprecated" | "unsupported";

/** A value by OpenSSH release: each holds until the next that is named; releases of the nine builds or of upstream. */
export type ByRelease<T> = { readonly [release in ReleaseName]?: T };

/** What is known about one keyword, as the tables of `directives/` write it. */
export interface KeywordEntry {
  /** As sshd_config(5) writes it. */
  name: string;
  /** The keyword this is another spelling of. */
  aliasOf?: string;
  /** Before this release it was a keyword of its own. */
  aliasSince?: ReleaseName;
  kind: Kind;
  /** For the kinds "enum" and "yes-no" with more words. */
  values?: readonly string[];
  /** Words that are taken though no manual names them. */
  hiddenValues?: readonly string[];
  /** Words of `values` and `hiddenValues` that came later than the keyword. */
  valuesSince?: { readonly [value: string]: ReleaseName };
  /** Words that mean the same, by the word that `sshd -T` prints instead. */
  synonyms?: ByRelease<{ readonly [value: string]: string }>;
  merge: Merge;
  /** From this release on a single value became a list that one line sets. */
  listSince?: ReleaseName;
  /** For quirks that a release ended: up to and with this release the last value won. */
  lastWinsUntil?: ReleaseName;
  /** May stand in a Match block; a release says since when. */
  inMatch: boolean | ReleaseName;
  since?: ReleaseName;
  /** The first release that does not know it. */
  until?: ReleaseName;
  status?: Status | ByRelease<Status>;
  /** As `sshd -T` prints it when no line sets it; absent when it then prints nothing. */
  default?: string | readonly string[] | ByRelease<string | readonly string[]>;
  /** `sshd -T` prints it from this release on only, though it was known before. */
  dumpedSince?: ReleaseName;
  /** Percent tokens that are expanded, separated by blanks. */
  tokens?: string;
  risk: Risk;
  /** One sentence. */
  help: string;
}

/** An entry of the one table. Every field is there on each of them, so that reading one costs the same for all. */
export interface Keyword extends KeywordEntry {
  /** Its place in the table. */
  id: number;
  /** The name in lower case: under it values are held. */
  key: string;
}

/** "9.2" as a number that compares. */
export function releaseNumber(name: ReleaseName): Release {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  const [major = "0", minor = "0"] = name.split(".");
  const number = Number(major) * 100 + Number(minor);
  numbers.set(name, number);
  return number;
}

/** There are two dozen names, and they are asked for with every line. */
const numbers = new Map<ReleaseName, Release>();

/** The value that a by-release table holds at `release`; the first one also holds before it is named. */
export function atRelease<T>(table: ByRelease<T>, release: Release): T | undefined {
  let held: T | undefined;
  for (const [name, value] of Object.entries(table) as [ReleaseName, T][]) {
    if (held === undefined || releaseNumber(name) <= release) held = value;
  }
  return held;
}
