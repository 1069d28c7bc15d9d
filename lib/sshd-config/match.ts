import { matchAddressList } from "@/lib/sshd-config/address";
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
interface Cursor {
  next(): string | undefined;
  left(): readonly string[];
}

function words(line: Line, build: Build): Cursor {
  if (build.release >= 909) {
    let used = 0;
    return { next: () => line.args[used++]?.value, left: () => line.args.slice(used).map((w) => w.value) };
  }
  const { tokens, text } = delimited(line);
  let used = 0;
  return {
    next: () => tokens[used++]?.value,
    left: () => {
      const at = used === 0 ? 0 : tokens[used - 1]?.next;
      return at === undefined || at >= text.length ? [] : [text.slice(at)];
    },
  };
}

/** The words of a Match line as sshd takes them one after the other, without a comment behind them. */
export function readMatchWords(line: Line, build: Build): string[] {
  const cursor = words(line, build);
  const found: string[] = [];
  for (let word = cursor.next(); word; word = cursor.next()) {
    if (word.startsWith("#") && build.release >= 807) break;
    found.push(word);
  }
  return found;
}

/** Lines that were split before: in an editor the same one is asked about for many connections. */
const splitLines = new WeakMap<Line, { text: string; tokens: { value?: string; next?: number }[] }>();

/** The words up to 9.8, each with the place where the next begins; the last may be an unclosed quote, without value. */
function delimited(line: Line) {
  const known = splitLines.get(line);
  if (known) return known;
  const text = line.rest?.value ?? "";
  const tokens: { value?: string; next?: number }[] = [];
  for (let at: number | undefined = line.rest ? 0 : undefined; at !== undefined; ) {
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
  const cursor = words(line, build);
  let active = true;
  let count = 0;
  for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
    if (word === "" && build.release < 909) break;
    if (word.startsWith("#") && build.release >= 807) return finish(count, active, []);
    count++;
    const name = lowerAscii(word);
    if (name === "all") {
      const next = cursor.next();
      const comment = next?.startsWith("#") && build.release >= 807;
      if (count > 1 || (next && !comment))
        refuse(situation, "'all' cannot be combined with other Match attributes");
      return { active: true, left: comment ? [] : cursor.left() };
    }
    if (name === "invalid-user" && build.release >= 909) {
      // 9.9 takes it for true while it reads the files for the first time.
      active &&= connection ? connection.isInvalidUser === true : build.release < 1000;
      continue;
    }
    const joined = build.release >= 1000 ? joinedCriterion(word) : undefined;
    const value = joined ? joined.value : cursor.next();
    const attribute = joined?.name ?? word;
    if (!value || (value.startsWith("#") && build.release >= 807)) {
      refuse(situation, `Missing Match criteria for ${attribute}`);
    }
    const holds = evaluateCriterion(lowerAscii(attribute), value, line, situation);
    if (holds === undefined) refuse(situation, `Unsupported Match attribute ${word}`);
    active &&= holds;
  }
  return finish(count, active, cursor.left());

  function finish(criteria: number, isActive: boolean, left: readonly string[]): MatchResult {
    if (criteria === 0) refuse(situation, "One or more attributes required for Match");
    return { active: isActive, left };
  }
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
      return matchAddress(connection?.address, "address");
    case "localaddress":
      return matchAddress(connection?.localAddress, "localaddress");
    case "localport":
      return matchLocalPort();
    case "rdomain":
      return (
        connection?.routingDomain !== undefined && matchPatternList(connection.routingDomain, value) === 1
      );
    case "version":
      return build.release >= 1000 ? matchPatternList(build.matchedVersion, value) === 1 : undefined;
    default:
      return undefined;
  }

  function matchAddress(address: string | undefined, what: string): boolean {
    if (address === undefined) {
      // 8.2 looks at the list only when it has an address to compare.
      if (build.release >= 804 && matchAddressList(undefined, value, build.release) === "invalid") {
        const text = `Invalid Match ${what} argument '${value}' at line ${line.number}`;
        throw new Refusal("fatal", "bad-match", text, false);
      }
      return false;
    }
    const result = matchAddressList(address, value, build.release);
    if (result === "invalid") throw new Refusal("fatal", "bad-match", "Bad Match condition", true);
    return result === 1;
  }

  function matchLocalPort(): boolean {
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
