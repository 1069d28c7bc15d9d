import type { Build } from "@/lib/sshd-config/build";
import { readConfiguration } from "@/lib/sshd-config/configuration";
import { sourceOf } from "@/lib/sshd-config/include";
import { type Keyword, releaseNumber } from "@/lib/sshd-config/keyword";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { Stop, startWalk, type Visit } from "@/lib/sshd-config/walk";
import { unknownWorld, type World } from "@/lib/sshd-config/world";

/** Every directive of a tree in reading order, files of Include in place; a line of a file that is read twice, once. */
export function visitDirectives(
  files: readonly ConfigFile[],
  build: Build,
  world: World = unknownWorld,
): readonly Visit[] {
  const main = files[0];
  const visits = new Map<string, Visit>();
  if (!main) return [];
  const visit = (one: Visit) => {
    const key = `${one.path}:${one.line.number}`;
    if (!visits.has(key)) visits.set(key, one);
  };
  const walk = startWalk(build, world, sourceOf(files), () => {}, { tolerant: true, visit });
  try {
    readConfiguration(walk, main.path, undefined);
  } catch (reason) {
    if (!(reason instanceof Stop)) throw reason;
  }
  return [...visits.values()];
}

/** The lines of a keyword that are about every connection: outside of Match blocks, or behind `Match all`. */
export function globalLines(visits: readonly Visit[], keyword: Keyword): readonly Visit[] {
  return visits.filter((visit) => visit.active && visit.keyword === keyword);
}

/**
 * Those of a keyword's global lines that count, whether sshd accepts their values or not.
 *
 * @returns one for keywords that hold one value, all for those that accumulate; empty where the default holds
 */
export function decidingLines(visits: readonly Visit[], keyword: Keyword, build: Build): readonly Visit[] {
  const lines = globalLines(visits, keyword);
  if (keyword.merge === "accumulate") return lines;
  // `Match all` is read again for every connection, and wins then.
  const behindMatchAll = lines.filter((visit) => visit.block !== undefined);
  const candidates = behindMatchAll.length > 0 ? behindMatchAll : lines;
  const one = lastWins(keyword, build) ? candidates.at(-1) : candidates[0];
  return one ? [one] : [];
}

function lastWins(keyword: Keyword, build: Build): boolean {
  if (keyword.lastWinsUntil) return build.release <= releaseNumber(keyword.lastWinsUntil);
  return keyword.merge === "last";
}
