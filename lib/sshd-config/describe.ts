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
import type { Keyword, Kind, Risk } from "@/lib/sshd-config/keyword";
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
  /** May it stand in a Match block of this build? */
  inMatch: boolean;
  /** What a wrong value can do, in words. */
  risk: string;
}

const riskWords: Record<Risk, string> = {
  execute: "runs programs on the host",
  access: "decides who gets in",
  network: "opens or closes ways through the network",
  crypto: "decides which clients can connect, and how safely",
  session: "changes what a session looks like",
  log: "changes what is logged",
};

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

/**
 * What is known about the directive at `offset`; undefined on comments, blank lines and unknown keywords.
 *
 * Only the line at the offset is parsed.
 */
export function hoverAt(text: string, offset: number, build: Build): Hover | undefined {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = parse(text.slice(start, end < 0 ? undefined : end), build).lines[0];
  if (!line?.keyword) return undefined;
  const written = findKeyword(line.keyword.value);
  if (!written) return undefined;
  const keyword = resolveAlias(written, build);
  const inMatch = isAllowedInMatch(keyword, build);
  const remarks = [keyword.help];
  if (written !== keyword) remarks.push(`Another name of ${keyword.name}.`);
  if (!isKnownTo(written, build)) remarks.push(`${build.label} does not know it and refuses to start.`);
  else if (statusIn(written, build) !== "live") remarks.push(`${build.label} reads it without any effect.`);
  if (keyword.merge === "accumulate") remarks.push("Each further line adds to it.");
  if (keyword.tokens) remarks.push(`Expanded: ${keyword.tokens}.`);
  return {
    from: start + line.keyword.from,
    to: start + line.keyword.to,
    title: written.name,
    help: remarks.join(" "),
    default: describeDefault(keyword, build),
    since: written.since && `OpenSSH ${written.since}`,
    until: written.until && `OpenSSH ${written.until}`,
    kind: describeKind(keyword, build),
    inMatch,
    risk: riskWords[keyword.risk],
  };
}
