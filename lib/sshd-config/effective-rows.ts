import type { Build } from "@/lib/sshd-config/build";
import { findKeyword } from "@/lib/sshd-config/directives";
import { type EffectiveSetting, evaluate } from "@/lib/sshd-config/evaluate";
import type { Connection } from "@/lib/sshd-config/match";
import type { ConfigFile } from "@/lib/sshd-config/model";
import type { Origin } from "@/lib/sshd-config/settings";
import { type Topic, topicOf, topics } from "@/lib/sshd-config/topics";
import { unknownWorld, type World } from "@/lib/sshd-config/world";

/** What one keyword comes to for one connection. */
export interface EffectiveRow {
  /** As the manual writes it. */
  keyword: string;
  topic: Topic;
  /** One a line of `sshd -T`, at least one. */
  values: readonly string[];
  /** Where they were read; empty when no line sets them. */
  origins: readonly Origin[];
  /** Would it be the same without any line? */
  isDefault: boolean;
}

/** Rows by topic, or the sentence with which sshd refuses the configuration. */
export type EffectiveRows =
  | { rows: EffectiveRow[]; refused?: undefined }
  | { rows?: undefined; refused: string };

/**
 * Everything that holds for one connection, by topic, and by name within it.
 *
 * @param files the main file first
 * @param connection as for `evaluate`
 */
export function effectiveRows(
  files: readonly ConfigFile[],
  connection: Connection,
  build: Build,
  world: World = unknownWorld,
): EffectiveRows {
  const { settings, refused } = evaluate(files, connection, build, world);
  if (!settings) return { refused };
  const standard = defaultsOf(build);
  const grouped = byKeyword(settings);
  const rows = [...grouped].map(([key, lines]): EffectiveRow => {
    const values = lines.map(({ value }) => value);
    // Those of a keyword are the same with each of its lines.
    const origins = lines[0]?.origins ?? [];
    return {
      keyword: findKeyword(key)?.name ?? key,
      topic: topicOf(key),
      values,
      origins,
      isDefault: standard.get(key) === values.join("\n"),
    };
  });
  return {
    rows: rows.sort(
      (a, b) => topics.indexOf(a.topic) - topics.indexOf(b.topic) || a.keyword.localeCompare(b.keyword),
    ),
  };
}

function byKeyword(settings: readonly EffectiveSetting[]): Map<string, EffectiveSetting[]> {
  const found = new Map<string, EffectiveSetting[]>();
  for (const setting of settings) {
    const key = setting.keyword.toLowerCase();
    const same = found.get(key);
    if (same) same.push(setting);
    else found.set(key, [setting]);
  }
  return found;
}

const known = new Map<string, ReadonlyMap<string, string>>();

/** What an empty file comes to, by keyword in lower case; asked for once a build. */
function defaultsOf(build: Build): ReadonlyMap<string, string> {
  const held = known.get(build.id);
  if (held) return held;
  const { settings = [] } = evaluate([{ path: "/etc/ssh/sshd_config", text: "" }], {}, build);
  const defaults = new Map(
    [...byKeyword(settings)].map(([key, lines]) => [key, lines.map(({ value }) => value).join("\n")]),
  );
  known.set(build.id, defaults);
  return defaults;
}
