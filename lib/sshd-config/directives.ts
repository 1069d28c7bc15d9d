import type { Build } from "@/lib/sshd-config/build";
import { crypto } from "@/lib/sshd-config/directives/crypto";
import { forwarding } from "@/lib/sshd-config/directives/forwarding";
import { kerberos } from "@/lib/sshd-config/directives/kerberos";
import { legacy } from "@/lib/sshd-config/directives/legacy";
import { listening } from "@/lib/sshd-config/directives/listening";
import { login } from "@/lib/sshd-config/directives/login";
import { publicKeys } from "@/lib/sshd-config/directives/public-keys";
import { session } from "@/lib/sshd-config/directives/session";
import {
  atRelease,
  type ByRelease,
  type Keyword,
  type KeywordEntry,
  type Risk,
  releaseNumber,
  type Status,
} from "@/lib/sshd-config/keyword";

/** The one keyword table: everything sshd 8.2 to 10.6 of Debian and Ubuntu reads. */
export const keywords: readonly Keyword[] = [
  ...login,
  ...publicKeys,
  ...listening,
  ...crypto,
  ...forwarding,
  ...session,
  ...kerberos,
  ...legacy,
].map(complete);

function complete(entry: KeywordEntry, id: number): Keyword {
  return {
    id,
    key: entry.name.toLowerCase(),
    name: entry.name,
    aliasOf: entry.aliasOf,
    aliasSince: entry.aliasSince,
    kind: entry.kind,
    values: entry.values,
    hiddenValues: entry.hiddenValues,
    valuesSince: entry.valuesSince,
    synonyms: entry.synonyms,
    merge: entry.merge,
    listSince: entry.listSince,
    lastWinsUntil: entry.lastWinsUntil,
    inMatch: entry.inMatch,
    since: entry.since,
    until: entry.until,
    status: entry.status,
    default: entry.default,
    dumpedSince: entry.dumpedSince,
    tokens: entry.tokens,
    risk: entry.risk,
    help: entry.help,
  } satisfies { [field in keyof Required<Keyword>]: Keyword[field] };
}

const byName = new Map(keywords.map((k) => [k.key, k]));

/** The entry for a keyword in any spelling of its letters, for whatever build; undefined when no build knows it. */
export function findKeyword(name: string): Keyword | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase());
}

/** Entries by `hash`, each in the first free slot from its own on. */
const slots: (Keyword | undefined)[] = new Array(1024).fill(undefined);
for (const keyword of keywords) {
  let slot = hash(keyword.name, 0, keyword.name.length);
  while (slots[slot]) slot = (slot + 1) & 1023;
  slots[slot] = keyword;
}

/** The same for both cases of a letter. */
function hash(text: string, from: number, to: number): number {
  let sum = to - from;
  for (let i = from; i < to; i++) sum = (Math.imul(sum, 31) + (text.charCodeAt(i) | 32)) | 0;
  return sum & 1023;
}

/** As `findKeyword` of a stretch of ASCII letters and digits, which is not cut out for it: every line asks. */
export function findKeywordAt(text: string, from: number, to: number): Keyword | undefined {
  for (let slot = hash(text, from, to); ; slot = (slot + 1) & 1023) {
    const keyword = slots[slot];
    if (!keyword || isKey(keyword.key, text, from, to)) return keyword;
  }
}

function isKey(key: string, text: string, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let i = 0; i < key.length; i++)
    if (key.charCodeAt(i) !== (text.charCodeAt(from + i) | 32)) return false;
  return true;
}

/** What holds for a keyword in one build. */
export interface KeywordFacts {
  isKnown: boolean;
  /** Itself, or the keyword that it is another name of. */
  meaning: Keyword;
  isAllowedInMatch: boolean;
  status: Status;
}

const factsByBuild = new WeakMap<Build, readonly KeywordFacts[]>();

/** What holds in a build, by `id` of the keyword: worked out once, for those who ask with every line. */
export function factsIn(build: Build): readonly KeywordFacts[] {
  const known = factsByBuild.get(build) ?? keywords.map((keyword) => findFacts(keyword, build));
  factsByBuild.set(build, known);
  return known;
}

function findFacts(keyword: Keyword, build: Build): KeywordFacts {
  return {
    isKnown: isKnownTo(keyword, build),
    meaning: resolveAlias(keyword, build),
    isAllowedInMatch: isAllowedInMatch(keyword, build),
    status: statusIn(keyword, build),
  };
}

/** Does this build's sshd know the keyword at all (be it only to swallow it)? */
export function isKnownTo(keyword: Keyword, build: Build): boolean {
  if (keyword.since && build.release < releaseNumber(keyword.since)) return false;
  return !keyword.until || build.release < releaseNumber(keyword.until);
}

/** The keyword that an old or other spelling stands for in this build; itself when it has no other name. */
export function resolveAlias(keyword: Keyword, build: Build): Keyword {
  if (keyword.aliasSince && build.release < releaseNumber(keyword.aliasSince)) return keyword;
  const target = keyword.aliasOf && findKeyword(keyword.aliasOf);
  return target && isKnownTo(target, build) ? target : keyword;
}

/** May it stand in a Match block of this build? */
export function isAllowedInMatch(keyword: Keyword, build: Build): boolean {
  const rule = keyword.inMatch;
  return typeof rule === "boolean" ? rule : build.release >= releaseNumber(rule);
}

/** What this build does with the keyword. */
export function statusIn(keyword: Keyword, build: Build): Status {
  const status = keyword.status ?? "live";
  return typeof status === "string" ? status : (atRelease(status, build.release) ?? "live");
}

/** The words an "enum" or "yes-no" keyword takes in this build; empty for other kinds. */
export function valuesIn(keyword: Keyword, build: Build): readonly string[] {
  return existingIn(keyword.values ?? (keyword.kind === "yes-no" ? yesNo : []), keyword, build);
}

/** As `valuesIn`, with the words that no manual names. */
export function acceptedIn(keyword: Keyword, build: Build): readonly string[] {
  return keyword.hiddenValues
    ? [...valuesIn(keyword, build), ...existingIn(keyword.hiddenValues, keyword, build)]
    : valuesIn(keyword, build);
}

function existingIn(values: readonly string[], { valuesSince }: Keyword, build: Build): readonly string[] {
  if (!valuesSince) return values;
  return values.filter((v) => !valuesSince[v] || releaseNumber(valuesSince[v]) <= build.release);
}

const yesNo = ["yes", "no"] as const;

/** What `sshd -T` of this build prints for a file that does not set it; undefined when it prints no line. */
export function defaultIn(keyword: Keyword, build: Build): string | readonly string[] | undefined {
  const value = keyword.default;
  if (value === undefined || typeof value === "string" || Array.isArray(value))
    return value as string | readonly string[] | undefined;
  return atRelease(value as ByRelease<string | readonly string[]>, build.release);
}

/** The risk class of any keyword, in any spelling; what nobody knows counts as running code. */
export function riskOf(name: string): Risk {
  return findKeyword(name)?.risk ?? "execute";
}
