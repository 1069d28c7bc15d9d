import type { Build } from "@/lib/sshd-config/build";
import { type Connection, readMatch } from "@/lib/sshd-config/match";
import type { Line } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import type { World } from "@/lib/sshd-config/world";

type Judge = (connection: Connection) => boolean;

/** Judges one Match line. */
export interface MatchJudge {
  holds(connection: Connection): boolean;
  /** What it says about the account alone and about the client alone; undefined when the two cannot be told apart. */
  readonly sides: { readonly account: Judge; readonly client: Judge } | undefined;
  /**
   * What the line says about the client's side alone: connections with the same answer differ by their account only.
   * Where the two sides cannot be told apart, every address has an answer of its own.
   */
  clientSide(connection: Connection): string;
}

const always: Judge = () => true;

const ofAccount = /^(?:user|group|invalid-user)$/i;

/**
 * A judge of one Match line that remembers its answers.
 *
 * The same accounts meet the same addresses again and again. Criteria are ANDed, so those about the account and those
 * about the connection are judged apart, each once; a line that is not written plainly is judged as a whole.
 */
export function judgeMatch(line: Line, build: Build, world: World): MatchJudge {
  const parts = splitCriteria(line, build);
  if (!parts) {
    const whole = remember(line, build, world, "both");
    return { holds: whole, clientSide: clientId, sides: undefined };
  }
  const judges = parts.map(({ part, about }) => ({ about, judge: remember(part, build, world, about) }));
  const sideOf = (side: About): Judge => judges.find(({ about }) => about === side)?.judge ?? always;
  const sides = { account: sideOf("account"), client: sideOf("client") };
  return {
    holds: (connection) => sides.account(connection) && sides.client(connection),
    clientSide: (connection) => (sides.client(connection) ? "1" : "0"),
    sides,
  };
}

function clientId({ address = "", host = "", localAddress = "", localPort = 0 }: Connection): string {
  return `${address} ${host} ${localAddress} ${localPort}`;
}

type About = "account" | "client" | "both";

function remember(line: Line, build: Build, world: World, about: About): Judge {
  const known = new Map<string, boolean>();
  return (connection) => {
    const {
      user = "",
      isInvalidUser = false,
      address = "",
      host = "",
      localAddress = "",
      localPort = 0,
    } = connection;
    const account = about === "client" ? "" : `${isInvalidUser} ${user}`;
    const client = about === "account" ? "" : `${address} ${host} ${localAddress} ${localPort}`;
    const id = `${account}\n${client}`;
    const found = known.get(id);
    if (found !== undefined) return found;
    const { active } = readMatch(line, { build, world, connection, log: () => undefined });
    known.set(id, active);
    return active;
  };
}

/** The line as two, when it is plainly `NAME VALUE NAME VALUE …`; undefined otherwise. */
function splitCriteria(line: Line, build: Build): { part: Line; about: About }[] | undefined {
  const words = (line.rest?.value ?? "").trim().split(/[ \t]+/);
  if (words.length % 2 !== 0 || words.some((word) => word === "" || /["'#=\\]/.test(word))) return undefined;
  const account: string[] = [];
  const client: string[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [name = "", value = ""] = words.slice(i, i + 2);
    // Criteria without a value stand for themselves: then this is not a list of pairs.
    if (/^(?:all|invalid-user)$/i.test(name)) return undefined;
    (ofAccount.test(name) ? account : client).push(name, value);
  }
  const toPart = (texts: readonly string[], about: About) => {
    const [part] = texts.length === 0 ? [] : parse(`Match ${texts.join(" ")}`, build).lines;
    return part ? [{ part, about }] : [];
  };
  return [...toPart(account, "account"), ...toPart(client, "client")];
}

/** Where a client came to, and what the lines say about its side. One address has few of them. */
interface JudgedClient {
  readonly host: string;
  readonly localAddress: string;
  readonly localPort: number;
  readonly theirs: string;
}

/**
 * Tells which Match lines hold for a connection, as a text of 0 and 1 in their order; the same text object again for
 * the same answer. Accounts meet the same addresses over and over: each side is judged once, and each pair of answers
 * joined once.
 */
export function judgeAll(judges: readonly MatchJudge[]): (connection: Connection) => string {
  const wholly = (connection: Connection) =>
    judges.map((judge) => (judge.holds(connection) ? "1" : "0")).join("");
  const sides = judges.flatMap((judge) => judge.sides ?? []);
  if (sides.length < judges.length) return wholly;
  const accounts = new Map<string, Map<string, string>>();
  const clients = new Map<string, readonly JudgedClient[]>();
  const joined = new Map<string, Map<string, string>>();
  return (connection) => {
    const {
      user = "",
      isInvalidUser = false,
      address = "",
      host = "",
      localAddress = "",
      localPort = 0,
    } = connection;
    const account = isInvalidUser ? `\0${user}` : user;
    let answers = accounts.get(account);
    if (!answers) {
      const own = sides.map((side) => (side.account(connection) ? "1" : "0")).join("");
      answers = joined.get(own) ?? new Map<string, string>();
      joined.set(own, answers);
      answers.set("", own);
      accounts.set(account, answers);
    }
    const here = clients.get(address) ?? [];
    let client = here.find(
      (one) => one.host === host && one.localAddress === localAddress && one.localPort === localPort,
    );
    if (!client) {
      // Never empty: the empty text stands for the account's own answer.
      const theirs = `c${sides.map((side) => (side.client(connection) ? "1" : "0")).join("")}`;
      client = { host, localAddress, localPort, theirs };
      clients.set(address, [...here, client]);
    }
    const { theirs } = client;
    const known = answers.get(theirs);
    if (known !== undefined) return known;
    const own = answers.get("") ?? "";
    const both = Array.from(own, (bit, i) => (bit === "1" && theirs[i + 1] === "1" ? "1" : "0")).join("");
    answers.set(theirs, both);
    return both;
  };
}
