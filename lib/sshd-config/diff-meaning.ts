import { algorithmFamily } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { describeDefault } from "@/lib/sshd-config/describe";
import { findKeyword } from "@/lib/sshd-config/directives";
import type { ConfigFile } from "@/lib/sshd-config/model";
import type { Scope, Scopes } from "@/lib/sshd-config/scope";
import { readTree } from "@/lib/sshd-config/validate";
import { unknownWorld } from "@/lib/sshd-config/world";

/** A setting that means something else afterwards. */
export interface MeaningDifference {
  /** As the manual writes it. */
  keyword: string;
  /** The criteria of the Match block it is about; undefined: it holds where no block does. */
  criteria: string | undefined;
  /** As `sshd -T` prints them; empty where nothing holds. */
  before: readonly string[];
  after: readonly string[];
  /** For lists of algorithms and of names: what goes and what comes; both empty when only the order changes. */
  items: { gone: readonly string[]; come: readonly string[] } | undefined;
}

/**
 * What changes in effect between two texts of a tree: first for everyone, then for the Match blocks in their order.
 *
 * A block is told apart by its criteria; one that is new or gone is compared with what holds for everyone.
 *
 * @param before the main file first; as `after`
 */
export function diffMeaning(
  before: readonly ConfigFile[],
  after: readonly ConfigFile[],
  build: Build,
): MeaningDifference[] {
  const a = scopesOf(before, build);
  const b = scopesOf(after, build);
  const [everyoneBefore, ...blocksBefore] = a;
  const [everyoneAfter, ...blocksAfter] = b;
  const left = namedBlocks(blocksBefore);
  const right = namedBlocks(blocksAfter);
  const ofBlocks = [...new Set([...left.keys(), ...right.keys()])].flatMap((name) => {
    const x = left.get(name);
    const y = right.get(name);
    const keys = [...new Set([...(x?.settings.keys() ?? []), ...(y?.settings.keys() ?? [])])];
    return diffScopes(
      x ?? everyoneBefore,
      y ?? everyoneAfter,
      keys,
      name.slice(0, name.indexOf("\n")),
      build,
    );
  });
  const keys = [...new Set([...everyoneBefore.settings.keys(), ...everyoneAfter.settings.keys()])];
  return [...diffScopes(everyoneBefore, everyoneAfter, keys, undefined, build), ...ofBlocks];
}

function scopesOf(files: readonly ConfigFile[], build: Build): Scopes {
  const path = files[0]?.path ?? "";
  return readTree({ path, files, build, world: unknownWorld, host: {} }).scopes;
}

/** Blocks by their criteria; the second of the same criteria is another one. */
function namedBlocks(blocks: readonly Scope[]): Map<string, Scope> {
  const named = new Map<string, Scope>();
  for (const scope of blocks) {
    const criteria = scope.match?.line.args.map(({ value }) => value).join(" ") ?? "";
    let count = 1;
    while (named.has(`${criteria}\n${count}`)) count++;
    named.set(`${criteria}\n${count}`, scope);
  }
  return named;
}

function diffScopes(
  before: Scope,
  after: Scope,
  keys: readonly string[],
  criteria: string | undefined,
  build: Build,
): MeaningDifference[] {
  return keys.flatMap((key) => {
    const x = valuesOf(before, key, build);
    const y = valuesOf(after, key, build);
    if (x.length === y.length && x.every((value, i) => value === y[i])) return [];
    const keyword = findKeyword(key)?.name ?? key;
    return [{ keyword, criteria, before: x, after: y, items: itemsOf(key, x, y) }];
  });
}

function valuesOf(scope: Scope, key: string, build: Build): readonly string[] {
  const held = scope.held(key);
  if (held.length > 0)
    return held.map(({ name, value }) => (name === undefined ? value : `${name} ${value}`.trim()));
  const keyword = findKeyword(key);
  const standard = keyword && algorithmFamily(keyword.name) && describeDefault(keyword, build);
  return standard ? [standard] : [];
}

/** Lists are hard to compare by eye: what differs is told apart. */
function itemsOf(key: string, before: readonly string[], after: readonly string[]) {
  const isList = algorithmFamily(key) !== undefined || findKeyword(key)?.merge === "accumulate";
  if (!isList) return undefined;
  const split = (values: readonly string[]) =>
    algorithmFamily(key) ? values.flatMap((value) => value.split(",")) : values;
  const x = new Set(split(before));
  const y = new Set(split(after));
  return { gone: [...x].filter((one) => !y.has(one)), come: [...y].filter((one) => !x.has(one)) };
}
