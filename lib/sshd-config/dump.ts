import { algorithmFamily, defaultAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { defaultIn, findKeyword, isKnownTo, resolveAlias, statusIn } from "@/lib/sshd-config/directives";
import { dumpOrder } from "@/lib/sshd-config/dump-order";
import { type Keyword, releaseNumber } from "@/lib/sshd-config/keyword";
import { allValues, firstValue, type Settings } from "@/lib/sshd-config/settings";

/** One line of `sshd -T`. */
export interface DumpLine {
  /** As this build prints it: lower case up to 10.3. */
  keyword: string;
  value: string;
}

/**
 * Everything `sshd -T` prints for these settings, in its order.
 *
 * @param settings of both passes, without defaults
 * @param listen the resolved addresses, as `resolveListenAddresses` gives them
 * @see OpenSSH servconf.c:dump_config
 */
export function dumpSettings(settings: Settings, listen: readonly string[], build: Build): DumpLine[] {
  const lines: DumpLine[] = [];
  for (const name of dumpOrder(build.release)) {
    const keyword = findKeyword(name);
    if (!keyword || !isPrinted(keyword, build)) continue;
    // 10.5 prints the names of its keyword table.
    const shown = build.release < 1004 ? name.toLowerCase() : name === "MACs" ? "Macs" : name;
    const values = name === "ListenAddress" ? listen : valuesToPrint(keyword, settings, build);
    for (const value of values) lines.push({ keyword: shown, value });
  }
  return lines;
}

function isPrinted(keyword: Keyword, build: Build): boolean {
  if (!isKnownTo(keyword, build) || statusIn(keyword, build) !== "live") return false;
  if (keyword.dumpedSince && build.release < releaseNumber(keyword.dumpedSince)) return false;
  return resolveAlias(keyword, build) === keyword;
}

/** The text of a dump, as on standard output. */
export function printDump(lines: readonly DumpLine[]): string {
  return lines.map((line) => `${line.keyword} ${line.value}\n`).join("");
}

/** Keywords whose values are printed on one line each. */
const oneLineEach = new Set([
  "port",
  "hostkey",
  "hostcertificate",
  "allowusers",
  "denyusers",
  "allowgroups",
  "denygroups",
  "acceptenv",
  "setenv",
]);

/** What stands behind the keyword, a line each; empty when nothing is printed. */
function valuesToPrint(keyword: Keyword, settings: Settings, build: Build): readonly string[] {
  const key = keyword.name.toLowerCase();
  const standard = defaultIn(keyword, build);
  const standardLines = standard === undefined ? [] : typeof standard === "string" ? [standard] : standard;
  const held = settings.get(key);
  switch (key) {
    case "subsystem":
      return (held ?? []).map((h) => `${h.name} ${h.value}`);
    case "maxstartups":
      return [fill(allValues(settings, key), ["10", "30", "100"]).join(":")];
    case "persourcenetblocksize":
      return standard === undefined ? [] : [fill(allValues(settings, key), ["32", "128"]).join(":")];
    case "rekeylimit":
      return [`${firstValue(settings, key) ?? "0"} ${firstValue(settings, "rekeylimit time") ?? "0"}`];
    case "persourcepenalties":
      return [penalties(settings, standard)];
    default:
  }
  const family = algorithmFamily(key);
  if (family && family !== "gss") return [firstValue(settings, key) ?? defaultAlgorithms(family, build)];
  if (!held) return standardLines;
  const values = held.map((h) => h.value);
  if (key === "hostkey" || key === "hostcertificate") return values.map((v) => (v === "none" ? "(null)" : v));
  if (oneLineEach.has(key)) return values;
  return values.length === 0 ? [] : [values.join(" ")];
}

/** Unset parts are held as empty; -1 stands for them inside sshd. */
function fill(values: readonly string[], standard: readonly string[]): string[] {
  return standard.map((value, i) => (values[i] === "-1" ? value : values[i] || value));
}

/** The items of the default line, each replaced by what is set. */
function penalties(settings: Settings, standard: string | readonly string[] | undefined): string {
  if (firstValue(settings, "persourcepenalties") === "no") return "no";
  const items = typeof standard === "string" ? standard.split(" ") : [];
  return items
    .map((item) => {
      const [name = "", value = ""] = item.split(":");
      const overflow = name === "overflow6" ? firstValue(settings, "persourcepenalties overflow") : undefined;
      return `${name}:${firstValue(settings, `persourcepenalties ${name}`) ?? overflow ?? value}`;
    })
    .join(" ");
}
