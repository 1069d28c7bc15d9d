import { algorithmFamily, assembleAlgorithms, defaultAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import {
  defaultIn,
  factsIn,
  findKeyword,
  isKnownTo,
  type KeywordFacts,
  keywords,
} from "@/lib/sshd-config/directives";
import { finishFirstPass, overlayMatch } from "@/lib/sshd-config/effective";
import type { Keyword } from "@/lib/sshd-config/keyword";
import { isDirective } from "@/lib/sshd-config/model";
import { readDirective } from "@/lib/sshd-config/read-directive";
import { Reading, Refusal } from "@/lib/sshd-config/reading";
import { FewSettings, type Held, type Settings, type SettingsSoFar } from "@/lib/sshd-config/settings";
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
  const { forAll, blocks } = sortIntoBlocks(visits);
  const lines = new LineReader(build, world);
  const everyone = overlay(finish(first, build), lines.readAll(byKeyword(forAll)), build);
  const shared: Shared = { everyone, build, lines, settings: new FewSettings(), defaults: defaultsIn(build) };
  const ofEveryone = new EveryonesScope(shared);
  const ofBlocks = blocks.map((block) => new BlockScope(block, shared));
  const scopes: Scopes = [ofEveryone, ...ofBlocks];
  // By keyword: everyone, then the blocks that name it.
  const byId: (Scope[] | undefined)[] = keywords.map(() => undefined);
  for (const scope of ofBlocks)
    for (const { keyword } of scope.visits) {
      const same = byId[keyword.id];
      if (!same) byId[keyword.id] = [ofEveryone, scope];
      else if (same[same.length - 1] !== scope) same.push(scope);
    }
  const nobody: readonly Scope[] = [ofEveryone];
  return {
    scopes,
    naming: (...keys) => {
      const lists = keys.flatMap((key) => {
        const list = byId[findKeyword(key)?.id ?? -1];
        return list ? [list] : [];
      });
      return lists.length < 2 ? (lists[0] ?? nobody) : unite(lists, scopes);
    },
  };
}

/** What stands in one of the lists, in the order of all. */
function unite(lists: readonly (readonly Scope[])[], all: Scopes): readonly Scope[] {
  const longest = lists.find((list) => list.length === all.length);
  if (longest) return longest;
  const named = new Set(lists.flat());
  return all.filter((scope) => named.has(scope));
}

/** What stands in a Match block, in reading order, the Match line aside. */
interface Block {
  match: Visit;
  visits: Visit[];
}

/** A file that is read twice has each of its blocks once, with the lines of both times. */
function sortIntoBlocks(visits: readonly Visit[]): { forAll: readonly Visit[]; blocks: readonly Block[] } {
  const blocks = new Map<string, Block>();
  const forAll: Visit[] = [];
  let id: string | undefined;
  let lines = forAll;
  for (const visit of visits) {
    if (visit.keyword.kind === "match") {
      const own = `${visit.path}:${visit.line.number}`;
      if (!isForAll(visit) && !blocks.has(own)) blocks.set(own, { match: visit, visits: [] });
    } else if (visit.block !== undefined) {
      if (visit.block !== id) {
        id = visit.block;
        lines = blocks.get(id)?.visits ?? forAll;
      }
      lines.push(visit);
    }
  }
  return { forAll, blocks: [...blocks.values()] };
}

/** All of the first keyword, then all of the next: in the order in which keywords come. */
function byKeyword(visits: readonly Visit[]): readonly Visit[] {
  const groups = new Map<Keyword, Visit[]>();
  for (const visit of visits) {
    const same = groups.get(visit.keyword);
    if (same) same.push(visit);
    else groups.set(visit.keyword, [visit]);
  }
  return [...groups.values()].flat();
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

/** Is it `Match all`? */
export function isForAll(match: Visit): boolean {
  return match.line.valueAt(0)?.toLowerCase() === "all";
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

const ignore = () => {};

/** Reads lines of blocks one after the other. */
class LineReader {
  private readonly facts: readonly KeywordFacts[];
  private reading: Reading | undefined = undefined;

  constructor(
    private readonly build: Build,
    private readonly world: World,
  ) {
    this.facts = factsIn(build);
  }

  readInto(settings: SettingsSoFar, { line, keyword, path }: Visit): void {
    const facts = this.facts[keyword.id];
    if (!isDirective(line) || facts?.status !== "live" || !facts.isAllowedInMatch) return;
    try {
      if (this.reading) this.reading.begin(settings, line, keyword, path, true);
      else
        this.reading = new Reading(
          { build: this.build, world: this.world, report: ignore },
          settings,
          line,
          keyword,
          path,
          true,
        );
      readDirective(this.reading);
    } catch (reason) {
      if (!(reason instanceof Refusal)) throw reason;
    }
  }

  /** What lines set that are read one after the other. */
  readAll(visits: readonly Visit[]): Settings {
    const settings: Settings = new Map();
    for (const visit of visits) this.readInto(settings, visit);
    return settings;
  }
}

/** What all scopes of a tree share. */
interface Shared {
  everyone: Settings;
  build: Build;
  lines: LineReader;
  /** For the lines of one keyword while they are read. */
  settings: FewSettings;
  /** Built-in values by keyword, as they are asked for. */
  defaults: Map<string, readonly Held[]>;
}

const none: readonly Held[] = [];

class EveryonesScope implements Scope {
  readonly match = undefined;

  constructor(private readonly shared: Shared) {}

  get settings(): Settings {
    return this.shared.everyone;
  }

  sets(key: string): boolean {
    return this.shared.everyone.has(key);
  }

  own(key: string): readonly Held[] {
    return this.shared.everyone.get(key) ?? none;
  }

  held(key: string): readonly Held[] {
    return this.shared.everyone.get(key) ?? defaultHeld(key, this.shared);
  }

  value(key: string): string | undefined {
    return this.held(key)[0]?.value;
  }

  algorithms(key: string): readonly string[] {
    return algorithmsOf(key, this.shared.everyone.get(key), this.shared.build);
  }
}

/** Stands where a keyword's lines were not read yet. */
const unread: readonly Held[] = [];

/**
 * Lines are read when somebody asks for their keyword, once; lists of algorithms stay as they were written.
 *
 * There may be thousands of blocks, so each holds as little as it can.
 */
class BlockScope implements Scope {
  readonly match: Visit;
  readonly visits: readonly Visit[];
  /** What a keyword's lines set, at the place of the first of them. */
  private read: (readonly Held[] | undefined)[] | undefined = undefined;

  constructor(
    block: Block,
    private readonly shared: Shared,
  ) {
    this.match = block.match;
    this.visits = block.visits;
  }

  get settings(): Settings {
    const { build, lines } = this.shared;
    return finishBlock(lines.readAll(byKeyword(this.visits)), build);
  }

  private find(key: string): readonly Held[] | undefined {
    const { visits } = this;
    const keyword = findKeyword(key);
    for (let i = 0; i < visits.length; i++) {
      if (visits[i]?.keyword !== keyword) continue;
      this.read ??= new Array<readonly Held[] | undefined>(visits.length).fill(unread);
      if (this.read[i] === unread) this.read[i] = this.readFrom(i, key);
      return this.read[i];
    }
    return undefined;
  }

  private readFrom(first: number, key: string): readonly Held[] | undefined {
    const keyword = this.visits[first]?.keyword;
    const { settings } = this.shared;
    settings.clear();
    for (let i = first; i < this.visits.length; i++) {
      const visit = this.visits[i];
      if (visit && visit.keyword === keyword) this.shared.lines.readInto(settings, visit);
    }
    return settings.get(key);
  }

  sets(key: string): boolean {
    return this.find(key) !== undefined;
  }

  own(key: string): readonly Held[] {
    return this.find(key) ?? none;
  }

  held(key: string): readonly Held[] {
    return this.find(key) ?? this.shared.everyone.get(key) ?? defaultHeld(key, this.shared);
  }

  value(key: string): string | undefined {
    return this.held(key)[0]?.value;
  }

  algorithms(key: string): readonly string[] {
    return algorithmsOf(key, this.find(key) ?? this.shared.everyone.get(key), this.shared.build);
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
const defaults = new WeakMap<Build, Shared["defaults"]>();

function defaultsIn(build: Build): Shared["defaults"] {
  const ofBuild = defaults.get(build) ?? new Map<string, readonly Held[]>();
  defaults.set(build, ofBuild);
  return ofBuild;
}

function defaultHeld(key: string, { defaults: known, build }: Shared): readonly Held[] {
  let held = known.get(key);
  if (!held) {
    held = findDefault(key, build);
    known.set(key, held);
  }
  return held;
}

function findDefault(key: string, build: Build): readonly Held[] {
  const keyword = findKeyword(key);
  const value = keyword && isKnownTo(keyword, build) ? defaultIn(keyword, build) : undefined;
  if (value === undefined) return none;
  const values = typeof value !== "string" ? value : spacedDefaults.has(key) ? value.split(" ") : [value];
  return values.map((v) => ({ value: v }));
}
