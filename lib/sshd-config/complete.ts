import type { Build } from "@/lib/sshd-config/build";
import { describeDefault, describeKind, lineAt } from "@/lib/sshd-config/describe";
import {
  findKeyword,
  isAllowedInMatch,
  isKnownTo,
  keywords,
  resolveAlias,
  statusIn,
  valuesIn,
} from "@/lib/sshd-config/directives";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { Document, Line } from "@/lib/sshd-config/model";
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

const criteria: readonly { name: string; since: number; detail: string; info: string }[] = [
  { name: "User", since: 0, detail: "pattern list", info: "The account that logs in." },
  { name: "Group", since: 0, detail: "pattern list", info: "A group of the account." },
  { name: "Address", since: 0, detail: "addresses or CIDR ranges", info: "Where the connection comes from." },
  { name: "Host", since: 0, detail: "pattern list", info: "The client's name; with UseDNS no, its address." },
  {
    name: "LocalAddress",
    since: 0,
    detail: "addresses or CIDR ranges",
    info: "The host's address that was connected to.",
  },
  { name: "LocalPort", since: 0, detail: "a port number", info: "The host's port that was connected to." },
  { name: "RDomain", since: 0, detail: "pattern list", info: "The routing domain of the connection." },
  { name: "Invalid-User", since: 909, detail: "no value", info: "The account does not exist." },
  { name: "Version", since: 1000, detail: "pattern list", info: "The version of this sshd." },
  { name: "all", since: 0, detail: "no value, alone", info: "Every connection." },
];

/** The words that may stand at `offset`, by scope and version; undefined inside comments. */
export function completionsAt(text: string, offset: number, build: Build): Completions | undefined {
  const document = parse(text, build);
  const line = lineAt(document, offset);
  const before = text.slice(line?.from ?? 0, offset);
  if (!line || !/\S/.test(before.slice(before.lastIndexOf("\n") + 1))) {
    return { from: offset, to: offset, options: keywordOptions(document, line, build) };
  }
  if (line.kind === "comment" || (line.commentFrom !== undefined && offset > line.commentFrom))
    return undefined;
  const keyword = line.keyword;
  if (!keyword) return undefined;
  if (offset <= keyword.to)
    return { from: keyword.from, to: keyword.to, options: keywordOptions(document, line, build) };
  const entry = findKeyword(keyword.value);
  if (!entry) return undefined;
  const word = line.args.find((w) => w.from <= offset && offset <= w.to);
  const index = line.args.filter((w) => w.to < offset).length;
  const options = argumentOptions(resolveAlias(entry, build), line, index, build);
  return { from: word?.from ?? offset, to: word?.to ?? offset, options };
}

function keywordOptions(document: Document, line: Line | undefined, build: Build): Completion[] {
  const inMatch = isInMatch(document, line);
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

/** Does a Match block reach this line? `Match all` opens no narrower scope. */
function isInMatch(document: Document, line: Line | undefined): boolean {
  const opened = document.lines.findLast(
    (l) => (!line || l.from < line.from) && l.keyword?.value.toLowerCase() === "match",
  );
  return opened !== undefined && opened.args[0]?.value.toLowerCase() !== "all";
}

function argumentOptions(keyword: Keyword, line: Line, index: number, build: Build): Completion[] {
  if (keyword.kind === "match") {
    const takesValue = !["all", "invalid-user"].includes(line.args[index - 1]?.value.toLowerCase() ?? "all");
    const isValue = index % 2 === 1 && takesValue;
    return isValue
      ? []
      : criteria
          .filter((c) => c.since <= build.release && (c.name !== "all" || index === 0))
          .map((c) => ({ label: c.name, detail: c.detail, info: c.info }));
  }
  const value = describeDefault(keyword, build);
  const words = [...valuesIn(keyword, build), ...extraWords(keyword)];
  return words.map((label) => ({ label, detail: label === value ? "default" : "", info: keyword.help }));
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
