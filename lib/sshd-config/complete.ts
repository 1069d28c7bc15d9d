import type { AlgorithmFamily } from "@/lib/sshd-config/algorithm-tables";
import { algorithmFamily, knownAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { describeDefault, describeKind } from "@/lib/sshd-config/describe";
import {
  findKeyword,
  isAllowedInMatch,
  isKnownTo,
  keywords,
  resolveAlias,
  statusIn,
  valuesIn,
} from "@/lib/sshd-config/directives";
import { type Keyword, type ReleaseName, releaseNumber } from "@/lib/sshd-config/keyword";
import type { Line, Word } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

export interface Completion {
  /** The word to insert. */
  label: string;
  /** Beside it: what it takes. */
  detail: string;
  /** Below it: one sentence. */
  info: string;
}

export interface Completions {
  /** The text from `from` to `to` is replaced by the chosen label. */
  from: number;
  to: number;
  options: Completion[];
}

/** What is known of the surroundings of a text: it may be included, and its host has accounts. */
export interface Surroundings {
  /** The Include that reads this file stands in a Match block. */
  inMatch?: boolean;
  /** Accounts of the host, for patterns of names. */
  accounts?: readonly string[];
}

const criteria: readonly { name: string; since: ReleaseName; detail: string; info: string }[] = [
  { name: "User", since: "0.0", detail: "pattern list", info: "The account that logs in." },
  { name: "Group", since: "0.0", detail: "pattern list", info: "A group of the account." },
  {
    name: "Address",
    since: "0.0",
    detail: "addresses or CIDR ranges",
    info: "Where the connection comes from.",
  },
  {
    name: "Host",
    since: "0.0",
    detail: "pattern list",
    info: "The client's name; with UseDNS no, its address.",
  },
  {
    name: "LocalAddress",
    since: "0.0",
    detail: "addresses or CIDR ranges",
    info: "The host's address that was connected to.",
  },
  {
    name: "LocalPort",
    since: "0.0",
    detail: "a port number",
    info: "The host's port that was connected to.",
  },
  { name: "RDomain", since: "0.0", detail: "pattern list", info: "The routing domain of the connection." },
  { name: "Invalid-User", since: "9.9", detail: "no value", info: "The account does not exist." },
  { name: "Version", since: "10.0", detail: "pattern list", info: "The version of this sshd." },
  { name: "all", since: "0.0", detail: "no value, alone", info: "Every connection." },
];

/**
 * The words that may stand at `offset`, by scope and version; undefined inside comments.
 *
 * Only the line at the offset is parsed, so it costs the same in a long file as in a short one.
 */
export function completionsAt(
  text: string,
  offset: number,
  build: Build,
  surroundings: Surroundings = {},
): Completions | undefined {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = parse(text.slice(start, end < 0 ? undefined : end), build).lines[0];
  const at = offset - start;
  const isScopedIn = () => isInMatch(text.slice(0, start), build) ?? surroundings.inMatch ?? false;
  const found = line
    ? completionsInLine(line, at, build, isScopedIn, surroundings.accounts ?? [])
    : { from: at, to: at, options: keywordOptions(isScopedIn(), build) };
  return found && { ...found, from: found.from + start, to: found.to + start };
}

function completionsInLine(
  line: Line,
  at: number,
  build: Build,
  isScopedIn: () => boolean,
  accounts: readonly string[],
): Completions | undefined {
  if (line.kind === "comment" || (line.commentFrom !== undefined && at > line.commentFrom)) return undefined;
  const keyword = line.keyword;
  if (!keyword || at < keyword.from)
    return { from: at, to: at, options: keywordOptions(isScopedIn(), build) };
  if (at <= keyword.to)
    return { from: keyword.from, to: keyword.to, options: keywordOptions(isScopedIn(), build) };
  const entry = findKeyword(keyword.value);
  if (!entry) return undefined;
  const target = resolveAlias(entry, build);
  const word = line.args.find((w) => w.from <= at && at <= w.to);
  const index = line.args.filter((w) => w.to < at).length;
  const item = itemAt(line, target, word, index, at);
  const options = argumentOptions(target, line, index, build, accounts, item.isFirst);
  return { from: item.from, to: item.to, options };
}

/** Kinds whose one word is a list with commas: its items are completed one by one. */
const commaKinds: ReadonlySet<string> = new Set(["algorithms", "key-algorithms"]);

/** The part of a word that a completion replaces: one item of a comma list, without a sign before the list. */
function itemAt(line: Line, keyword: Keyword, word: Word | undefined, index: number, at: number) {
  if (!word) return { from: at, to: at, isFirst: true };
  const isList = commaKinds.has(keyword.kind) || (keyword.kind === "match" && index % 2 === 1);
  const text = line.text.slice(word.from, word.to);
  if (!isList || /["'\\]/.test(text)) return { from: word.from, to: word.to, isFirst: true };
  const cursor = at - word.from;
  const before = cursor === 0 ? -1 : text.lastIndexOf(",", cursor - 1);
  const behind = text.indexOf(",", cursor);
  const isSigned = before < 0 && cursor > 0 && commaKinds.has(keyword.kind) && /^[+^-]/.test(text);
  return {
    from: word.from + before + (isSigned ? 2 : 1),
    to: behind < 0 ? word.to : word.from + behind,
    isFirst: before < 0 && !isSigned,
  };
}

function keywordOptions(inMatch: boolean, build: Build): Completion[] {
  return keywords
    .filter((k) => !k.aliasOf && isKnownTo(k, build) && statusIn(k, build) === "live")
    .filter((k) => !inMatch || isAllowedInMatch(k, build))
    .map((k) => {
      const value = describeDefault(k, build);
      const info = value === undefined ? k.help : `${k.help} Default: ${value}`;
      return { label: k.name, detail: describeKind(k, build), info };
    })
    .sort((a, b) => a.label.localeCompare(b.label));
}

/** Does a Match block of the text before reach here? Undefined without one. `Match all` opens no narrower scope. */
function isInMatch(before: string, build: Build): boolean | undefined {
  for (let end = before.length; end > 0; ) {
    // A negative place counts as 0, where a line end may stand: the first line would never be left.
    const start = end < 2 ? 0 : before.lastIndexOf("\n", end - 2) + 1;
    const text = before.slice(start, end);
    // The parser is asked only where the word stands at all.
    const line = /match/i.test(text) ? parse(text, build).lines[0] : undefined;
    if (line?.keyword?.value.toLowerCase() === "match") return line.args[0]?.value.toLowerCase() !== "all";
    end = start;
  }
  return undefined;
}

function argumentOptions(
  keyword: Keyword,
  line: Line,
  index: number,
  build: Build,
  accounts: readonly string[],
  isFirst: boolean,
): Completion[] {
  if (keyword.kind === "match") return matchOptions(line, index, build, accounts);
  if (/^(Allow|Deny)Users$/.test(keyword.name)) return accounts.map((name) => accountOption(name));
  const family = algorithmFamily(keyword.name);
  if (family) return algorithmOptions(family, keyword, build, isFirst);
  const value = describeDefault(keyword, build);
  const words = [...valuesIn(keyword, build), ...extraWords(keyword)];
  return words.map((label) => ({ label, detail: label === value ? "default" : "", info: keyword.help }));
}

function matchOptions(line: Line, index: number, build: Build, accounts: readonly string[]): Completion[] {
  const criterion = line.args[index - 1]?.value.toLowerCase() ?? "all";
  const isValue = index % 2 === 1 && !["all", "invalid-user"].includes(criterion);
  if (isValue) return criterion === "user" ? accounts.map((name) => accountOption(name)) : [];
  return criteria
    .filter((c) => releaseNumber(c.since) <= build.release && (c.name !== "all" || index === 0))
    .map((c) => ({ label: c.name, detail: c.detail, info: c.info }));
}

function accountOption(name: string): Completion {
  return { label: name, detail: "account", info: "An account of this host." };
}

/** What may stand before a list instead of a name, and changes the default instead of replacing it. */
const signs: readonly { label: string; detail: string; info: string }[] = [
  { label: "+", detail: "add", info: "The names that follow are put behind the default list." },
  { label: "-", detail: "remove", info: "The names that follow are taken out of the default list." },
  { label: "^", detail: "prefer", info: "The names that follow are put before the default list." },
];

function algorithmOptions(
  family: AlgorithmFamily,
  keyword: Keyword,
  build: Build,
  isFirst: boolean,
): Completion[] {
  const standard = new Set(describeDefault(keyword, build)?.split(","));
  const names = knownAlgorithms(family, build).map((label) => ({
    label,
    detail: standard.has(label) ? "in the default" : "",
    info: standard.has(label)
      ? "Offered when no line sets this list."
      : "Known to this sshd, but not offered unless a line names it.",
  }));
  return isFirst && family !== "gss" ? [...signs, ...names] : names;
}

function extraWords(keyword: Keyword): readonly string[] {
  switch (keyword.kind) {
    case "methods":
      return [
        "any",
        "publickey",
        "password",
        "keyboard-interactive",
        "hostbased",
        "publickey,password",
        "publickey,keyboard-interactive",
      ];
    case "pubkey-options":
      return ["none", "touch-required", "verify-required"];
    case "user-environment":
      return ["no", "yes"];
    case "open-list":
    case "listen-list":
      return ["any", "none"];
    case "time-or-none":
    case "int-or-none":
    case "command":
      return ["none"];
    case "path":
      return keyword.default === "none" ? ["none"] : [];
    case "subsystem":
      return ["sftp"];
    default:
      return [];
  }
}
