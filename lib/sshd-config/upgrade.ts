import { type Build, builds } from "@/lib/sshd-config/build";
import type { Diagnostic, Fix, Severity } from "@/lib/sshd-config/diagnostic";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { compareReading } from "@/lib/sshd-config/upgrade-reading";
import { compareSettings } from "@/lib/sshd-config/upgrade-settings";
import { diagnose, readTree } from "@/lib/sshd-config/validate";
import { unknownWorld, type World } from "@/lib/sshd-config/world";

/** Something that another sshd does with a configuration and the one it is for does not. */
export interface UpgradeItem {
  /** refused: it would not start · ignored: the line has no effect any more · differs: it works otherwise. */
  kind: "refused" | "ignored" | "differs";
  severity: Severity;
  /** Stable name, kebab-case; of diagnostics their code. */
  code: string;
  /** Where it stands, as in a Diagnostic; undefined where no line sets it: a built-in default changes. */
  place: { path: string; line: number; from: number; to: number } | undefined;
  /** A sentence each, as in a Diagnostic; `why` may be empty. */
  what: string;
  why: string;
  advice: string;
  fix?: Fix;
}

/**
 * What a host's configuration comes to once its sshd is upgraded: found by reading it as both do, and by comparing what
 * each says and what holds for everyone and in every Match block.
 *
 * What both builds say is not in it: that is what `diagnose` tells.
 *
 * @param files the main file first, as for `diagnose`
 * @param to any other build; an older one is answered as well
 * @returns what is refused first, then what is ignored, then what differs; each in the order of files and lines
 */
export function previewUpgrade(
  files: readonly ConfigFile[],
  from: Build,
  to: Build,
  world: World = unknownWorld,
  host: HostKnowledge = {},
): UpgradeItem[] {
  const main = files[0];
  if (!main || from.id === to.id) return [];
  const said = compareDiagnostics(diagnose(files, from, world, host), diagnose(files, to, world, host));
  const subject = { path: main.path, files, world, host };
  const before = readTree({ ...subject, build: from });
  const after = readTree({ ...subject, build: to });
  const lineOf = ({ place }: UpgradeItem) => (place ? `${place.path}:${place.line}` : "");
  // Of a line that is refused or ignored nothing else is worth telling.
  const taken = new Set(said.filter((item) => item.kind !== "differs").map(lineOf));
  const read = compareReading(before, after).filter((item) => !taken.has(lineOf(item)));
  for (const item of read) taken.add(lineOf(item));
  const settled = compareSettings(before, after).filter((item) => !item.place || !taken.has(lineOf(item)));
  return inOrder([...said, ...read, ...settled], files);
}

/** The builds that a host may be upgraded to: later ones of its distribution, next one first, then the newest of all. */
export function nextBuilds(build: Build): Build[] {
  const later = builds.slice(builds.findIndex((b) => b.id === build.id) + 1);
  const own = later.filter((b) => b.distribution === build.distribution);
  const newest = later.at(-1);
  return newest && !own.includes(newest) ? [...own, newest] : own;
}

/** What only the later build says; not the notes of rules, which are about taste as much as about the build. */
function compareDiagnostics(before: readonly Diagnostic[], after: readonly Diagnostic[]): UpgradeItem[] {
  const keyOf = (d: Diagnostic) => `${d.path}\n${d.from}\n${d.code}`;
  const known = new Set(before.map(keyOf));
  return after
    .filter((d) => d.severity !== "info" && !known.has(keyOf(d)))
    .map(({ severity, code, path, line, from, to, what, why, advice, fix }) => ({
      kind: severity === "error" ? "refused" : code === "no-effect" ? "ignored" : "differs",
      severity,
      code,
      place: { path, line, from, to },
      what,
      why,
      advice,
      ...(fix && { fix }),
    }));
}

const kinds: readonly UpgradeItem["kind"][] = ["refused", "ignored", "differs"];

function inOrder(items: readonly UpgradeItem[], files: readonly ConfigFile[]): UpgradeItem[] {
  const order = new Map(files.map((f, i) => [f.path, i]));
  const rank = ({ kind, place }: UpgradeItem) => [
    kinds.indexOf(kind),
    place ? (order.get(place.path) ?? files.length) : files.length + 1,
    place?.from ?? 0,
  ];
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .sort((a, b) => {
      const at = a.rank.findIndex((n, i) => n !== b.rank[i]);
      return at < 0 ? 0 : a.rank[at]! - b.rank[at]!;
    })
    .map(({ item }) => item);
}
