import type { AccountFacts, HostFacts, ListenerFacts } from "@/lib/access/facts";
import { type HostFiles, openFiles } from "@/lib/access/host-files";
import { judgeAll, judgeMatch, type MatchJudge } from "@/lib/access/match-cache";
import { type PamStack, readPamStack } from "@/lib/access/pam";
import { defaultAlgorithms } from "@/lib/sshd-config/algorithms";
import { type Build, findBuild } from "@/lib/sshd-config/build";
import { applyArguments } from "@/lib/sshd-config/command-line";
import { readConfiguration } from "@/lib/sshd-config/configuration";
import { defaultIn, findKeyword } from "@/lib/sshd-config/directives";
import { finishFirstPass, overlayMatch } from "@/lib/sshd-config/effective";
import { type Source, sourceOf } from "@/lib/sshd-config/include";
import type { Connection } from "@/lib/sshd-config/match";
import type { Line } from "@/lib/sshd-config/model";
import { Refusal } from "@/lib/sshd-config/reading";
import { checkSense } from "@/lib/sshd-config/sense";
import { firstValue, type Held, type Settings } from "@/lib/sshd-config/settings";
import { crashesOnSubsystem } from "@/lib/sshd-config/sshd";
import { Stop, startWalk, type Walk } from "@/lib/sshd-config/walk";
import { readWorld, type World } from "@/lib/sshd-config/world";

/** What holds for one connection, defaults included. */
export interface Effective {
  readonly build: Build;
  /** A single value as `sshd -T` prints it: "yes", "prohibit-password"; "" when there is none. */
  value(keyword: string): string;
  /** All values of a list, in order; empty when no line sets it and it has no default. */
  values(keyword: string): readonly string[];
  /** The words that decide, with the place where they stand; empty for a built-in default. */
  held(keyword: string): readonly Held[];
  isYes(keyword: string): boolean;
  /** Is it unset, or cleared by the word "none"? Where sshd takes that word for a name, it is not. */
  isNone(keyword: string): boolean;
  /** sshd dies at this point (a Match block sets a subsystem that it cannot merge). */
  readonly crashes: boolean;
}

/** An sshd that has read its configuration and listens. */
export interface Server {
  readonly facts: HostFacts;
  readonly build: Build;
  readonly files: HostFiles;
  readonly accounts: ReadonlyMap<string, AccountFacts>;
  readonly pam: PamStack;
  /** The sentence with which sshd refuses to start; nobody can log in then. */
  readonly refused: string | undefined;
  /** What holds for a connection. Only for a server that was not refused. */
  effective(connection: Connection): Effective;
  /** Connections of one account with the same answer meet the same settings. */
  clientSide(connection: Connection): string;
  /** The texts of Match lines and the patterns of AllowUsers and DenyUsers, wherever they stand. */
  readonly lists: readonly string[];
  /** Every word of AllowUsers and AllowGroups, in whatever block, in the order of the lines. */
  readonly allowed: readonly AllowedWord[];
  /** Client names are looked up (UseDNS yes, which holds for every connection). */
  readonly usesNames: boolean;
  /** Some Match block looks at the address or the port that the client came to. */
  readonly looksAtLocal: boolean;
}

/** A word that lets somebody in. */
export interface AllowedWord {
  readonly keyword: "AllowUsers" | "AllowGroups";
  readonly word: string;
  readonly path: string;
  readonly line: number;
}

/** What is not as the facts say. */
export interface ServerOptions {
  /** Instead of the build that the facts name. */
  readonly build?: Build;
  /** Instead of the first one. */
  readonly listener?: ListenerFacts;
  /** Files of the configuration as somebody is changing them, by path. */
  readonly draft?: ReadonlyMap<string, string>;
}

/**
 * Starts the host's sshd on its configuration, or on a draft of it.
 *
 * Cheap for a draft: what the facts say beside the configuration is read once.
 *
 * @see OpenSSH sshd.c:main
 */
export function startServer(facts: HostFacts, options: ServerOptions = {}): Server {
  const build = options.build ?? findBuild(facts.sshd.version, facts.sshd.system).build;
  const { world, ...read } = readHost(facts);
  const known = { facts, build, ...read };
  const matches = new Map<Line, true>();
  const lists = new Set<string>();
  const allowed = new Map<string, AllowedWord>();
  let printed = "";
  const walk = startWalk(
    build,
    world,
    configSource(facts, options.draft),
    (message) => {
      if (message.kind !== "warning") printed ||= message.text;
    },
    {
      visit: ({ keyword, line, path: file }) => {
        const { name } = keyword;
        const allows = name === "AllowUsers" || name === "AllowGroups" ? name : undefined;
        if (allows)
          for (const { value } of line.args)
            allowed.set(`${file}:${line.number} ${value}`, {
              keyword: allows,
              word: value,
              path: file,
              line: line.number,
            });
        if (keyword.kind === "match") {
          matches.set(line, true);
          lists.add(line.rest?.value ?? "");
        } else if (keyword.kind === "user-host-list") {
          for (const { value } of line.args) lists.add(value.slice(value.indexOf("@") + 1));
        }
      },
    },
  );
  const path = facts.sshd.configPath;
  const none = () => {
    throw new Error("An sshd that refused its configuration has no settings.");
  };
  const refusal = (refused: string): Server => ({
    ...known,
    refused,
    effective: none,
    clientSide: none,
    lists: [],
    allowed: [],
    usesNames: false,
    looksAtLocal: false,
  });
  try {
    const settings: Settings = new Map();
    const { args = [] } = options.listener ?? facts.sshd.listeners[0] ?? {};
    if (applyArguments(args, settings, walk) !== undefined)
      return refusal(printed || "sshd refuses its command line.");
    readConfiguration(walk, path, undefined, settings);
    const first = finishFirstPass(settings, build);
    checkSense(first, build, () => undefined);
    const matchLines = [...matches.keys()];
    const { visit: _, ...quiet } = walk;
    const judges = matchLines.map((line) => judgeMatch(line, build, world));
    return {
      ...known,
      refused: undefined,
      lists: [...lists],
      allowed: [...allowed.values()],
      usesNames: firstValue(first, "usedns") === "yes",
      looksAtLocal: matchLines.some((line) => /\blocal(?:address|port)\b/i.test(line.rest?.value ?? "")),
      effective: cachedSettings({ walk: quiet, path, first, build }, judges),
      clientSide: (connection) => judges.map((judge) => judge.clientSide(connection)).join("|"),
    };
  } catch (reason) {
    if (reason instanceof Refusal) return refusal(reason.message);
    if (reason instanceof Stop)
      return refusal(printed || (reason.plain ?? "sshd refuses this configuration."));
    throw reason;
  }
}

interface FirstPass {
  walk: Walk;
  path: string;
  first: Settings;
  build: Build;
}

/**
 * The second pass, once for each set of Match blocks that hold: nothing else in it depends on the connection.
 *
 * A block inside an Include that another block switches off holds or not by itself; it is read as sshd reads it
 * whenever the set is new.
 */
function cachedSettings(
  { walk, path, first, build }: FirstPass,
  judges: readonly MatchJudge[],
): Server["effective"] {
  const known = new Map<string, Effective>();
  const holding = judgeAll(judges);
  return (connection) => {
    const asked = connection.localPort === undefined ? { ...connection, localPort: 22 } : connection;
    const key = holding(asked);
    const found = known.get(key);
    if (found) return found;
    const effective = readAgain(first, build, () => readConfiguration(walk, path, asked));
    known.set(key, effective);
    return effective;
  };
}

/** Some blocks pass when sshd starts and kill the process that serves a connection: then the first pass stands. */
function readAgain(first: Settings, build: Build, read: () => Settings): Effective {
  try {
    const second = read();
    const dies = crashesOnSubsystem(first, second, build);
    const overlaid = overlayMatch(first, second, build);
    return effectiveOf(overlaid, build, dies, literalNones(second, overlaid, build));
  } catch (reason) {
    if (reason instanceof Stop || reason instanceof Refusal) return effectiveOf(first, build, true);
    throw reason;
  }
}

const algorithmLists: Readonly<Record<string, "key" | "signature">> = {
  pubkeyacceptedalgorithms: "key",
  hostbasedacceptedalgorithms: "key",
  casignaturealgorithms: "signature",
};

/** Up to 8.4 the two lists of key algorithms had other names. */
function nameIn(keyword: string, build: Build): string {
  if (build.release >= 805) return keyword;
  if (keyword === "pubkeyacceptedalgorithms") return "pubkeyacceptedkeytypes";
  return keyword === "hostbasedacceptedalgorithms" ? "hostbasedacceptedkeytypes" : keyword;
}

/**
 * Keywords whose "none" is a file of that name when a Match block says it: sshd looks for the word before it reads the
 * blocks. The number is the release from which it looks again.
 *
 * @see OpenSSH servconf.c:fill_default_server_options (CLEAR_ON_NONE), copy_set_server_options
 */
const literalInMatch: readonly (readonly [keyword: string, until: number])[] = [
  ["trustedusercakeys", Number.POSITIVE_INFINITY],
  ["revokedkeys", Number.POSITIVE_INFINITY],
  ["authorizedprincipalsfile", 1006],
];

function literalNones(second: Settings, overlaid: Settings, build: Build): ReadonlySet<string> {
  const literal = literalInMatch.filter(([keyword, until]) => {
    const held = second.get(keyword);
    return held !== undefined && held === overlaid.get(keyword) && build.release < until;
  });
  return new Set(literal.map(([keyword]) => keyword));
}

const nothing: ReadonlySet<string> = new Set();

function effectiveOf(
  settings: Settings,
  build: Build,
  crashes: boolean,
  literal: ReadonlySet<string> = nothing,
): Effective {
  const none: readonly Held[] = [];
  const read = new Map<string, readonly string[]>();
  const held = (keyword: string) => settings.get(nameIn(keyword, build)) ?? none;
  const values = (keyword: string): readonly string[] => {
    const known = read.get(keyword) ?? valuesOf(settings, keyword, build);
    read.set(keyword, known);
    return known;
  };
  const value = (keyword: string) => values(keyword)[0] ?? "";
  const isNone = (keyword: string) => {
    if (value(keyword) === "") return true;
    // Whatever is written here asks for principals: "none" is a program that cannot be run.
    if (keyword === "authorizedprincipalscommand") return !settings.has(keyword);
    return value(keyword).toLowerCase() === "none" && !literal.has(keyword);
  };
  return { build, held, values, value, isYes: (keyword) => value(keyword) === "yes", isNone, crashes };
}

function valuesOf(settings: Settings, keyword: string, build: Build): readonly string[] {
  const found = settings.get(nameIn(keyword, build));
  if (found) return found.map((h) => h.value);
  const family = algorithmLists[keyword];
  if (family) return [defaultAlgorithms(family, build)];
  const known = findKeyword(keyword);
  const standard = known && defaultIn(known, build);
  if (standard === undefined) return [];
  return typeof standard === "string" ? standard.split(" ") : standard;
}

interface HostReading {
  files: HostFiles;
  accounts: ReadonlyMap<string, AccountFacts>;
  pam: PamStack;
  world: World;
}

const readings = new WeakMap<HostFacts, HostReading>();

function readHost(facts: HostFacts): HostReading {
  const known = readings.get(facts);
  if (known) return known;
  const files = openFiles(facts);
  const reading = {
    files,
    accounts: accountsByName(facts),
    pam: readPamStack(facts, files),
    world: worldOf(facts),
  };
  readings.set(facts, reading);
  return reading;
}

/** The tree of sshd_config among the facts, with a draft over it. */
function configSource(facts: HostFacts, draft: ReadonlyMap<string, string> = new Map()): Source {
  const texts = new Map(draft);
  for (const [path, { text }] of Object.entries(facts.files))
    if (text !== undefined && !texts.has(path) && isConfigPath(path, facts.sshd.configPath))
      texts.set(path, text);
  return sourceOf([...texts].map(([path, text]) => ({ path, text })));
}

/** Files of accounts are no part of it; an Include may name any other. */
function isConfigPath(path: string, main: string): boolean {
  return path === main || !/\/\.ssh\//.test(path);
}

/** Of two accounts with one name the first counts, as for getpwnam(3). */
function accountsByName(facts: HostFacts): ReadonlyMap<string, AccountFacts> {
  const accounts = new Map<string, AccountFacts>();
  for (const account of facts.accounts) if (!accounts.has(account.name)) accounts.set(account.name, account);
  return accounts;
}

function worldOf(facts: HostFacts): World {
  const hosts = facts.files["/etc/hosts"]?.text ?? "";
  const named = readWorld({
    passwd: "",
    group: "",
    services: "ssh 22/tcp\nhttp 80/tcp\nhttps 443/tcp\n",
    hosts,
  });
  return {
    ...named,
    isComplete: false,
    accounts: new Map(facts.accounts.map((a) => [a.name, { home: a.home, groups: a.groups }])),
  };
}
