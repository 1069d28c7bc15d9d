import type { Build } from "@/lib/sshd-config/build";
import { readConfiguration } from "@/lib/sshd-config/configuration";
import { type DumpLine, dumpSettings } from "@/lib/sshd-config/dump";
import { finishFirstPass, overlayMatch } from "@/lib/sshd-config/effective";
import { sourceOf } from "@/lib/sshd-config/include";
import { resolveListenAddresses } from "@/lib/sshd-config/listen";
import { type Connection, readMatch } from "@/lib/sshd-config/match";
import { type PreparedMatch, prepareMatch, readClient } from "@/lib/sshd-config/match-prepared";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { Refusal } from "@/lib/sshd-config/reading";
import type { Origin, Settings } from "@/lib/sshd-config/settings";
import { Stop, startWalk } from "@/lib/sshd-config/walk";
import { unknownWorld, type World } from "@/lib/sshd-config/world";

/** A setting that holds for one connection, and the directives that made it so. */
export interface EffectiveSetting extends DumpLine {
  /** Where the values were read; empty for a built-in default. */
  origins: readonly Origin[];
}

/** Settings, or the sentence with which sshd refuses the configuration. */
export type Evaluation =
  | { settings: EffectiveSetting[]; refused?: undefined }
  | { settings?: undefined; refused: string };

/**
 * What holds for one connection: the lines of `sshd -T -C …` with the directives behind them.
 *
 * @param files the main file first
 * @param connection what Match blocks look at; the local port is 22 where it is not given
 * @param world accounts with their groups for `Match Group`, names for ListenAddress
 */
export function evaluate(
  files: readonly ConfigFile[],
  connection: Connection,
  build: Build,
  world: World = unknownWorld,
): Evaluation {
  return prepareEvaluation(files, build, world)(connection);
}

/**
 * As `evaluate`, for many connections to the same files, which are read once.
 *
 * Connections for which the same Match blocks hold get the very same object: nothing else about a connection matters.
 */
export function prepareEvaluation(
  files: readonly ConfigFile[],
  build: Build,
  world: World = unknownWorld,
): (connection: Connection) => Evaluation {
  const main = files[0];
  if (!main) return () => ({ refused: "There is no file to evaluate." });
  let printed = "";
  const blocks = new Set<Line>();
  const walk = startWalk(
    build,
    world,
    sourceOf(files),
    (message) => {
      if (message.kind !== "warning") printed ||= message.text;
    },
    { visit: ({ keyword, line }) => void (keyword.kind === "match" && blocks.add(line)) },
  );
  const attempt = <T>(work: () => T): T | { refused: string } => {
    printed = "";
    try {
      return work();
    } catch (reason) {
      if (reason instanceof Refusal) return { refused: reason.message };
      if (!(reason instanceof Stop)) throw reason;
      return { refused: printed || (reason.plain ?? "sshd refuses this configuration.") };
    }
  };
  const first = attempt(() => ({
    settings: finishFirstPass(readConfiguration(walk, main.path, undefined), build),
  }));
  if ("refused" in first) return () => first;
  const listen = listenAddresses(first.settings, world);
  const evaluateAnew = (connection: Connection): Evaluation =>
    attempt(() => {
      const again = { ...walk, includes: new Map(walk.includes), visit: undefined };
      const second = readConfiguration(again, main.path, connection);
      const settings = overlayMatch(first.settings, second, build);
      const lines = dumpSettings(settings, listen, build);
      // A keyword of thousands of values has as many lines, all of the same origins.
      const known = new Map<string, readonly Origin[]>();
      return {
        settings: lines.map((line) => {
          const origins = known.get(line.keyword) ?? originsOf(line.keyword, settings);
          known.set(line.keyword, origins);
          return { ...line, origins };
        }),
      };
    });
  const prepared = [...blocks].map((line) => ({ line, holds: prepareMatch(line, build) }));
  const known = new Map<string, Evaluation>();
  return (given) => {
    const connection = { localPort: 22, ...given };
    const held = heldBlocks(prepared, connection, build, world);
    if (held === undefined) return evaluateAnew(connection);
    const before = known.get(held);
    if (before) return before;
    const evaluation = evaluateAnew(connection);
    known.set(held, evaluation);
    return evaluation;
  };
}

/** Which of the Match lines hold, as a key; undefined when sshd refuses one of them for this connection. */
function heldBlocks(
  blocks: readonly { line: Line; holds: PreparedMatch | undefined }[],
  connection: Connection,
  build: Build,
  world: World,
): string | undefined {
  const situation = { build, world, connection, log: () => undefined };
  const client = readClient(connection);
  let key = "";
  try {
    // Of thousands of blocks few hold: their places are the key.
    for (const [i, { line, holds }] of blocks.entries())
      if (holds ? holds(client) : readMatch(line, situation).active) key += `${i} `;
    return key;
  } catch (reason) {
    if (reason instanceof Refusal) return undefined;
    throw reason;
  }
}

/** Names cannot be resolved everywhere this runs; then they stand as they were written. */
function listenAddresses(settings: Settings, world: World): string[] {
  try {
    return resolveListenAddresses(settings, world);
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason;
    return (settings.get("listenaddress") ?? []).map((h) =>
      h.value === "" ? (h.name ?? "") : `${h.name}:${h.value}`,
    );
  }
}

function originsOf(keyword: string, settings: Settings): Origin[] {
  const key = keyword.toLowerCase();
  const parts = [...settings.keys()].filter((k) => k === key || k.startsWith(`${key} `));
  const origins = parts.flatMap((k) => (settings.get(k) ?? []).flatMap((h) => h.origin ?? []));
  return [...new Map(origins.map((o) => [`${o.path}:${o.line}`, o])).values()];
}
