import { isSoundAddressList, matchAddressList } from "@/lib/sshd-config/address";
import type { Build } from "@/lib/sshd-config/build";
import { readDelimited } from "@/lib/sshd-config/lexer";
import type { Line } from "@/lib/sshd-config/model";
import { parseDecimal } from "@/lib/sshd-config/number";
import { lowerAscii, matchPatternList } from "@/lib/sshd-config/pattern";
import { Refusal } from "@/lib/sshd-config/reading";
import type { World } from "@/lib/sshd-config/world";

/** What Match blocks look at. A field that is not given makes its criterion false, but see `localPort`. */
export interface Connection {
  user?: string;
  /** The client's name; with UseDNS no it is the address. */
  host?: string;
  address?: string;
  localAddress?: string;
  /** sshd refuses to evaluate a Match LocalPort without it. */
  localPort?: number;
  routingDomain?: string;
  /** Says that the account does not exist; sshd does not look it up for `Match invalid-user`. */
  isInvalidUser?: boolean;
}

interface Situation {
  build: Build;
  world: World;
  /** Undefined while the files are read for the first time: criteria are only checked. */
  connection: Connection | undefined;
  /** Prints a line of its own before a refusal. */
  log(text: string): void;
}

/** Whether the block is active, and what of the line is left over (which sshd refuses). */
export interface MatchResult {
  active: boolean;
  left: readonly string[];
}

/** Words one by one, by the rules of the release. */
class MatchWords {
  private used = 0;
  /** Undefined where they are the line's own words. */
  private readonly split: SplitLine | undefined;

  constructor(
    private readonly line: Line,
    private readonly build: Build,
  ) {
    this.split = build.release >= 909 || isPlainPairs(line) ? undefined : delimited(line);
  }

  next(): string | undefined {
    return this.split ? this.split.tokens[this.used++]?.value : this.line.valueAt(this.used++);
  }

  /** What sshd would go on with: the words from 9.9 on, before that the rest as it stands. */
  left(): readonly string[] {
    const { line, used, split } = this;
    if (!split && used > line.count) return [];
    if (this.build.release >= 909) return line.args.slice(used).map((word) => word.value);
    const { tokens, text } = split ?? delimited(line);
    const at = used === 0 ? 0 : tokens[used - 1]?.next;
    return at === undefined || at >= text.length ? [] : [text.slice(at)];
  }
}

/** Do both generations split it alike? Up to 9.8 an equals sign separates. */
function isPlainPairs(line: Line): boolean {
  return line.isPlain && !line.restText?.includes("=");
}

/** The words of a Match line as sshd takes them one after the other, without a comment behind them. */
export function readMatchWords(line: Line, build: Build): string[] {
  const words = new MatchWords(line, build);
  const found: string[] = [];
  for (let word = words.next(); word; word = words.next()) {
    if (isComment(word, build)) break;
    found.push(word);
  }
  return found;
}

/** Does a comment begin with this word? */
function isComment(word: string, build: Build): boolean {
  return build.release >= 807 && word.charCodeAt(0) === 35;
}

interface SplitLine {
  text: string;
  tokens: { value?: string; next?: number }[];
}

/** Lines that were split before: in an editor the same one is asked about for many connections. */
const splitLines = new WeakMap<Line, SplitLine>();

/** The words up to 9.8, each with the place where the next begins; the last may be an unclosed quote, without value. */
function delimited(line: Line): SplitLine {
  const known = splitLines.get(line);
  if (known) return known;
  const rest = line.restText;
  const text = rest ?? "";
  const tokens: { value?: string; next?: number }[] = [];
  for (let at: number | undefined = rest === undefined ? undefined : 0; at !== undefined; ) {
    const read = readDelimited(text, at);
    tokens.push({ value: read.token?.value, next: read.next });
    at = read.next;
  }
  const split = { text, tokens };
  splitLines.set(line, split);
  return split;
}

/**
 * Reads the criteria of a Match line and tells whether they hold.
 *
 * @throws Refusal when sshd refuses the line
 * @see OpenSSH servconf.c:match_cfg_line
 */
export function readMatch(line: Line, situation: Situation): MatchResult {
  const { build, connection } = situation;
  const words = new MatchWords(line, build);
  let active = true;
  let count = 0;
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "" && build.release < 909) break;
    if (isComment(word, build)) {
      if (count === 0) refuseEmpty(situation);
      return active ? holds : holdsNot;
    }
    count++;
    const name = lowerName(word);
    if (name === "all") {
      const next = words.next();
      const comment = next !== undefined && isComment(next, build);
      if (count > 1 || (next && !comment))
        refuse(situation, "'all' cannot be combined with other Match attributes");
      return { active: true, left: comment ? [] : words.left() };
    }
    if (name === "invalid-user" && build.release >= 909) {
      // 9.9 takes it for true while it reads the files for the first time.
      active &&= connection ? connection.isInvalidUser === true : build.release < 1000;
      continue;
    }
    const joined = build.release >= 1000 && word.includes("=") ? joinedCriterion(word) : undefined;
    const value = joined ? joined.value : words.next();
    const attribute = joined?.name ?? word;
    if (!value || isComment(value, build)) refuse(situation, `Missing Match criteria for ${attribute}`);
    const isMet = evaluateCriterion(joined ? lowerName(attribute) : name, value, line, situation);
    if (isMet === undefined) refuse(situation, `Unsupported Match attribute ${word}`);
    active &&= isMet;
  }
  if (count === 0) refuseEmpty(situation);
  const left = words.left();
  if (left.length > 0) return { active, left };
  return active ? holds : holdsNot;
}

const holds: MatchResult = { active: true, left: [] };
const holdsNot: MatchResult = { active: false, left: [] };

function refuseEmpty(situation: Situation): never {
  refuse(situation, "One or more attributes required for Match");
}

/** The spellings that nearly all files have, which need no look at their letters. */
const usualNames: ReadonlyMap<string, string> = new Map(
  ["User", "Group", "Host", "Address", "LocalAddress", "LocalPort", "RDomain", "all"].flatMap((name) => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
);

/** The name of a criterion in lower case. */
export function lowerName(word: string): string {
  return usualNames.get(word) ?? lowerAscii(word);
}

function refuse(situation: Situation, text: string): never {
  situation.log(text);
  throw new Refusal("fatal", "bad-match", "Bad Match condition", true);
}

/** `User=alice` in one word, from 10.0 on. */
function joinedCriterion(word: string): { name: string; value: string } | undefined {
  const read = /^(user|group|host|address|localaddress|localport|rdomain|version)=(.*)$/is.exec(word);
  return read ? { name: read[1]!, value: read[2]! } : undefined;
}

/** Does one criterion hold? Undefined: there is no such criterion. */
function evaluateCriterion(
  name: string,
  value: string,
  line: Line,
  situation: Situation,
): boolean | undefined {
  const { build, world, connection } = situation;
  switch (name) {
    case "user":
      return connection?.user !== undefined && matchPatternList(connection.user, value) === 1;
    case "group":
      return (
        connection?.user !== undefined && isInGroup(world.accounts.get(connection.user)?.groups ?? [], value)
      );
    case "host":
      return (
        connection?.host !== undefined && matchPatternList(lowerAscii(connection.host), value, true) === 1
      );
    case "address":
      return matchAddress(connection?.address, value, "address", line, build);
    case "localaddress":
      return matchAddress(connection?.localAddress, value, "localaddress", line, build);
    case "localport":
      return matchLocalPort(value, situation);
    case "rdomain":
      return (
        connection?.routingDomain !== undefined && matchPatternList(connection.routingDomain, value) === 1
      );
    case "version":
      return build.release >= 1000 ? matchPatternList(build.matchedVersion, value) === 1 : undefined;
    default:
      return undefined;
  }
}

function matchAddress(
  address: string | undefined,
  list: string,
  what: string,
  line: Line,
  { release }: Build,
): boolean {
  if (address === undefined) {
    // 8.2 looks at the list only when it has an address to compare.
    if (release >= 804 && !isSoundAddressList(list, release)) {
      const text = `Invalid Match ${what} argument '${list}' at line ${line.number}`;
      throw new Refusal("fatal", "bad-match", text, false);
    }
    return false;
  }
  const result = matchAddressList(address, list, release);
  if (result === "invalid") throw new Refusal("fatal", "bad-match", "Bad Match condition", true);
  return result === 1;
}

function matchLocalPort(value: string, situation: Situation): boolean {
  const { world, connection } = situation;
  const port = parseDecimal(value, 0, 65535);
  const number = typeof port === "number" ? port : world.services.get(value);
  if (number === undefined) refuse(situation, `Invalid LocalPort '${value}' on Match line`);
  if (!connection) return false;
  if (connection.localPort === undefined || connection.localPort === 0) {
    const text = "'Match LocalPort' in configuration but 'lport' not in connection test specification.";
    throw new Refusal("fatal", "bad-match", text, false);
  }
  return number === connection.localPort;
}

/** A negated item that matches any of the groups ends the search with no. */
function isInGroup(groups: readonly string[], list: string): boolean {
  let found = false;
  for (const group of groups) {
    const result = matchPatternList(group, list);
    if (result === -1) return false;
    if (result === 1) found = true;
  }
  return found;
}
