import type { Build } from "@/lib/sshd-config/build";
import { readConfiguration } from "@/lib/sshd-config/configuration";
import { type DumpLine, dumpSettings } from "@/lib/sshd-config/dump";
import { finishFirstPass, overlayMatch } from "@/lib/sshd-config/effective";
import { sourceOf } from "@/lib/sshd-config/include";
import { resolveListenAddresses } from "@/lib/sshd-config/listen";
import type { Connection } from "@/lib/sshd-config/match";
import type { ConfigFile } from "@/lib/sshd-config/model";
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
  const main = files[0];
  if (!main) return { refused: "There is no file to evaluate." };
  let printed = "";
  const walk = startWalk(build, world, sourceOf(files), (message) => {
    if (message.kind !== "warning") printed ||= message.text;
  });
  try {
    const first = finishFirstPass(readConfiguration(walk, main.path, undefined), build);
    const second = readConfiguration(walk, main.path, { localPort: 22, ...connection });
    const settings = overlayMatch(first, second, build);
    const lines = dumpSettings(settings, listenAddresses(first, world), build);
    return { settings: lines.map((line) => ({ ...line, origins: originsOf(line.keyword, settings) })) };
  } catch (reason) {
    if (reason instanceof Refusal) return { refused: reason.message };
    if (!(reason instanceof Stop)) throw reason;
    return { refused: printed || (reason.plain ?? "sshd refuses this configuration.") };
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
