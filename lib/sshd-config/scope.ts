import { algorithmFamily, assembleAlgorithms, defaultAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import {
  defaultIn,
  findKeyword,
  isAllowedInMatch,
  isKnownTo,
  keywords,
  statusIn,
} from "@/lib/sshd-config/directives";
import { finishFirstPass, overlayMatch } from "@/lib/sshd-config/effective";
import type { Keyword } from "@/lib/sshd-config/keyword";
import { isDirective } from "@/lib/sshd-config/model";
import { readDirective } from "@/lib/sshd-config/read-directive";
import { Reading, Refusal } from "@/lib/sshd-config/reading";
import type { Held, Settings } from "@/lib/sshd-config/settings";
import type { Visit } from "@/lib/sshd-config/walk";
import type { World } from "@/lib/sshd-config/world";

/**
 * What holds for some of the connections: for all that no Match block is about, or for those that one block is about.
 *
 * A connection for which two blocks hold at once is none of them: who asks about one connection takes `evaluate`.
 */
export interface Scope {
  /** The Match line; undefined for what holds where no block does. */
  match: Visit | undefined;
  /** What it sets itself, finished as sshd does; defaults are not in it. */
  settings: Settings;
  /** Was the keyword set by a line of this scope itself? Lower case, as everywhere here. */
  sets(key: string): boolean;
  /** The values that this scope itself sets, with their places; empty where it sets none. */
  own(key: string): readonly Held[];
  /** The values that hold: its own, else those of everyone, else the built-in default (without places). */
  held(key: string): readonly Held[];
  /** The first of them, as `sshd -T` prints it; undefined where it prints none. */
  value(key: string): string | undefined;
  /** A list of algorithms as sshd works with it; empty where nothing is left. */
  algorithms(key: string): readonly string[];
}

/** At least that of everyone. */
export type Scopes = readonly [everyone: Scope, ...blocks: Scope[]];

/**
 * The scope of everyone first, then one a Match block in the order in which they are read.
 *
 * `Match all` holds for everyone: it is no scope of its own.
 *
 * @param visits every directive that was read
 * @param first what the first pass over the files has set
 */
export function readScopes(
  visits: readonly Visit[],
  first: Settings,
  build: Build,
  world: World,
): ReadScopes {
  const blocks = new Map<string, { match: Visit; lines: BlockLines }>();
  const forAll: BlockLines = new Map();
  let id: string | undefined;
  let lines = forAll;
  for (const visit of visits) {
    if (visit.keyword.kind === "match") {
      const own = `${visit.path}:${visit.line.number}`;
      if (!isForAll(visit) && !blocks.has(own)) blocks.set(own, { match: visit, lines: new Map() });
    } else if (visit.block !== undefined) {
      if (visit.block !== id) {
        id = visit.block;
        lines = blocks.get(id)?.lines ?? forAll;
      }
      const key = keys.get(visit.keyword) ?? "";
      const same = lines.get(key);
      if (same) same.push(visit);
      else lines.set(key, [visit]);
    }
  }
  const everyone = overlay(finish(first, build), readLines([...forAll.values()].flat(), build, world), build);
  const ofEveryone = createScope(
    undefined,
    (key) => everyone.get(key),
    undefined,
    () => everyone,
    build,
  );
  const byKey = new Map<string, Scope[]>();
  const ofBlocks = [...blocks.values()].map((block) => {
    const settings = () => finishBlock(readLines([...block.lines.values()].flat(), build, world), build);
    const scope = createScope(block.match, readBlock(block.lines, build, world), everyone, settings, build);
    for (const key of block.lines.keys()) {
      const same = byKey.get(key);
      if (same) same.push(scope);
      else byKey.set(key, [scope]);
    }
    return scope;
  });
  const scopes: Scopes = [ofEveryone, ...ofBlocks];
  return { scopes, naming: (...keys) => [ofEveryone, ...blocksNaming(keys, byKey, ofBlocks)] };
}

/** Blocks with a line of one of the keywords, in their order. */
function blocksNaming(
  keys: readonly string[],
  byKey: ReadonlyMap<string, readonly Scope[]>,
  blocks: readonly Scope[],
): readonly Scope[] {
  const lists = keys.flatMap((key) => byKey.get(key.toLowerCase()) ?? []);
  if (keys.length === 1 || lists.length === 0) return lists;
  const named = new Set(lists);
  return named.size === blocks.length ? blocks : blocks.filter((scope) => named.has(scope));
}

/** What was read from a tree. */
export interface ReadScopes {
  scopes: Scopes;
  /**
   * The scope of everyone, and of the blocks those that have a line of one of the keywords, in lower case or as in
   * sshd_config(5). The others set nothing of them: what looks at values that a scope itself sets can leave them out.
   */
  naming(...keywords: readonly string[]): readonly Scope[];
}

/** The lines of a block by key: what nobody asks about is not read. */
type BlockLines = Map<string, Visit[]>;

const keys: ReadonlyMap<Keyword, string> = new Map(keywords.map((k) => [k, k.name.toLowerCase()]));

/** Reads the lines of one keyword when they are asked for, once; lists of algorithms stay as they were written. */
function readBlock(lines: BlockLines, build: Build, world: World) {
  const read = new Map<string, readonly Held[] | undefined>();
  return (key: string): readonly Held[] | undefined => {
    const visits = lines.get(key);
    if (!visits) return undefined;
    if (read.has(key)) return read.get(key);
    const held = readLines(visits, build, world).get(key);
    read.set(key, held);
    return held;
  };
}

function readLines(visits: readonly Visit[], build: Build, world: World): Settings {
  const settings: Settings = new Map();
  for (const visit of visits) readInto(settings, visit, build, world);
  return settings;
}

/** Is it `Match all`? */
export function isForAll(match: Visit): boolean {
  return match.line.args[0]?.value.toLowerCase() === "all";
}

function finish(first: Settings, build: Build): Settings {
  try {
    return finishFirstPass(first, build);
  } catch (reason) {
    // A list of algorithms that sshd refuses; the other keywords still say something.
    if (reason instanceof Refusal) return first;
    throw reason;
  }
}

/** Keywords whose values are not taken over from a block as they were read. */
const finished = ["setenv", "pamservicename", "forcecommand", "chrootdirectory", "authorizedprincipalsfile"];

function finishBlock(own: Settings, build: Build): Settings {
  for (const key of own.keys())
    if (finished.includes(key) || algorithmFamily(key)) return overlay(new Map(), own, build);
  return own;
}

function overlay(below: Settings, above: Settings, build: Build): Settings {
  if (above.size === 0) return below;
  try {
    return overlayMatch(below, above, build);
  } catch (reason) {
    if (reason instanceof Refusal) return below;
    throw reason;
  }
}

function readInto(settings: Settings, { line, keyword, path }: Visit, build: Build, world: World): void {
  if (!isDirective(line) || statusIn(keyword, build) !== "live" || !isAllowedInMatch(keyword, build)) return;
  const surroundings = { build, world, settings, path, active: true, log: () => {} };
  try {
    readDirective(new Reading(line, keyword, surroundings));
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason;
  }
}

const none: readonly Held[] = [];

function createScope(
  match: Visit | undefined,
  find: (key: string) => readonly Held[] | undefined,
  everyone: Settings | undefined,
  readAll: () => Settings,
  build: Build,
): Scope {
  return new ReadScope(match, find, everyone, readAll, build);
}

/** A class, so that thousands of blocks do not make functions of their own each. */
class ReadScope implements Scope {
  constructor(
    readonly match: Visit | undefined,
    private readonly find: (key: string) => readonly Held[] | undefined,
    private readonly everyone: Settings | undefined,
    private readonly readAll: () => Settings,
    private readonly build: Build,
  ) {}

  get settings(): Settings {
    return this.readAll();
  }

  sets(key: string): boolean {
    return this.find(key) !== undefined;
  }

  own(key: string): readonly Held[] {
    return this.find(key) ?? none;
  }

  held(key: string): readonly Held[] {
    return this.find(key) ?? this.everyone?.get(key) ?? defaultHeld(key, this.build);
  }

  value(key: string): string | undefined {
    return this.held(key)[0]?.value;
  }

  algorithms(key: string): readonly string[] {
    return algorithmsOf(key, this.find(key) ?? this.everyone?.get(key), this.build);
  }
}

function algorithmsOf(key: string, held: readonly Held[] | undefined, build: Build): readonly string[] {
  const family = algorithmFamily(key);
  if (!family || family === "gss") return [];
  if (!held?.[0]) return defaultAlgorithms(family, build).split(",");
  const list = assembleAlgorithms(held?.[0]?.value, family, build);
  return list ? list.split(",") : [];
}

/** Defaults in which several values stand in one line of `sshd -T`. */
const spacedDefaults = new Set(["authorizedkeysfile"]);

/** Built-in defaults by build and key: rules ask for them with every block. */
const defaults = new WeakMap<Build, Map<string, readonly Held[]>>();

function defaultHeld(key: string, build: Build): readonly Held[] {
  const ofBuild = defaults.get(build) ?? new Map<string, readonly Held[]>();
  defaults.set(build, ofBuild);
  const held = ofBuild.get(key) ?? findDefault(key, build);
  ofBuild.set(key, held);
  return held;
}

function findDefault(key: string, build: Build): readonly Held[] {
  const keyword = findKeyword(key);
  const value = keyword && isKnownTo(keyword, build) ? defaultIn(keyword, build) : undefined;
  if (value === undefined) return none;
  const values = typeof value !== "string" ? value : spacedDefaults.has(key) ? value.split(" ") : [value];
  return values.map((v) => ({ value: v }));
}
