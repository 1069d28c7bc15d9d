import { algorithmFamily, defaultAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import {
  defaultIn,
  findKeyword,
  isAllowedInMatch,
  isKnownTo,
  resolveAlias,
  statusIn,
  valuesIn,
} from "@/lib/sshd-config/directives";
import type { Keyword, Kind } from "@/lib/sshd-config/keyword";
import type { Document, Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";

/** What to show when the pointer rests on a directive. */
export interface Hover {
  from: number;
  to: number;
  /** The keyword as the manual writes it. */
  title: string;
  help: string;
  /** What holds when no line sets it, as `sshd -T` prints it. */
  default: string | undefined;
  since: string | undefined;
  until: string | undefined;
  /** What it takes, in words. */
  kind: string;
}

const kindWords: Partial<Record<Kind, string>> = {
  int: "a number",
  "int-or-none": "a number, or none",
  time: "a time: 90, 2m, 1h30m",
  "time-or-none": "a time (90, 2m, 1h30m), or none",
  octal: "an octal mask: 0177",
  port: "a port number",
  path: "a path",
  "path-added": "a path; each line adds one",
  "token-path": "a path with tokens",
  account: "an account",
  addendum: "the rest of the line",
  digest: "md5 or sha256",
  "path-list": "paths, separated by blanks",
  "agent-socket": "a path, or SSH_AUTH_SOCK",
  "agent-path": "user:PATH or shared:/PATH",
  provider: "internal, or an absolute path",
  raw: "the rest of the line",
  command: "an absolute path with arguments, or none",
  "group-list": "patterns (* and ?) of groups, separated by blanks",
  "accept-env": "patterns (* and ?) of variables, separated by blanks",
  "user-host-list": "USER or USER@HOST patterns, separated by blanks",
  "address-list": "addresses or CIDR ranges, separated by commas",
  algorithms: "algorithms, separated by commas; + adds, - removes, ^ puts first",
  "key-algorithms": "algorithms or patterns, separated by commas; + adds, - removes, ^ puts first",
  methods: "lists of methods: publickey,password",
  "open-list": "any, none, or HOST:PORT",
  "listen-list": "any, none, PORT or HOST:PORT",
  "listen-address": "an address, with :PORT where wanted",
  "channel-timeouts": "none, or TYPE=TIME",
  "rekey-limit": "a size (1G), then a time",
  "ip-qos": "one or two classes: af21 cs1",
  "max-startups": "a number, or BEGIN:RATE:FULL",
  "net-block": "IPv4 bits, then :IPv6 bits",
  penalties: "yes, no, or NAME:VALUE",
  "pubkey-options": "none, touch-required, verify-required",
  "set-env": "NAME=VALUE",
  subsystem: "a name, then a command",
  "user-environment": "yes, no, or patterns of names",
  match: "criteria: User, Group, Host, Address, …",
  include: "paths or patterns of files",
  legacy: "anything; it has no effect",
};

/** What the keyword takes in this build, in words for people. */
export function describeKind(keyword: Keyword, build: Build): string {
  const values = valuesIn(keyword, build);
  return values.length > 0 ? values.join(", ") : (kindWords[keyword.kind] ?? "a word");
}

/** The default of a keyword in this build as one line of text; undefined when nothing is set by default. */
export function describeDefault(keyword: Keyword, build: Build): string | undefined {
  const family = algorithmFamily(keyword.name);
  if (family && family !== "gss") return defaultAlgorithms(family, build);
  const value = defaultIn(keyword, build);
  return value === undefined || typeof value === "string" ? value : value.join(" ");
}

/** The line at an offset; the last one for an offset at the very end. Undefined only in an empty file. */
export function lineAt(document: Document, offset: number): Line | undefined {
  let low = 0;
  let high = document.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (document.lines[middle]!.from <= offset) low = middle;
    else high = middle - 1;
  }
  return document.lines[low];
}

/** What is known about the directive at `offset`; undefined on comments, blank lines and unknown keywords. */
export function hoverAt(text: string, offset: number, build: Build): Hover | undefined {
  const line = lineAt(parse(text, build), offset);
  if (!line?.keyword || offset > line.to) return undefined;
  const written = findKeyword(line.keyword.value);
  if (!written) return undefined;
  const keyword = resolveAlias(written, build);
  const remarks = [keyword.help];
  if (!isKnownTo(written, build)) remarks.push(`${build.label} does not know it and refuses to start.`);
  else if (statusIn(written, build) !== "live") remarks.push(`${build.label} reads it without any effect.`);
  else if (!isAllowedInMatch(keyword, build)) remarks.push("Not allowed in a Match block.");
  if (keyword.tokens) remarks.push(`Expanded: ${keyword.tokens}.`);
  return {
    from: line.keyword.from,
    to: line.keyword.to,
    title: keyword.name,
    help: remarks.join(" "),
    default: describeDefault(keyword, build),
    since: written.since && `OpenSSH ${written.since}`,
    until: written.until && `OpenSSH ${written.until}`,
    kind: describeKind(keyword, build),
  };
}
