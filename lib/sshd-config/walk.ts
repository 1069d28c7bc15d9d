import type { Build } from "@/lib/sshd-config/build";
import type { Source } from "@/lib/sshd-config/include";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { Document, Line, Word } from "@/lib/sshd-config/model";
import type { RefusalCode } from "@/lib/sshd-config/reading";
import type { World } from "@/lib/sshd-config/world";

/** Something sshd prints, with the place it is about. */
export interface Message {
  kind: "fatal" | "error" | "warning" | "log";
  code: RefusalCode | "no-effect" | "include-count" | "log";
  /** The whole line as sshd builds it, before bytes are escaped; without line end. */
  text: string;
  /** What the line says, without file and line number. */
  bare: string;
  /** The file the line stands in, as sshd opened it; "" when it is about none. */
  path: string;
  line: Line | undefined;
  word: Word | undefined;
}

/** Thrown when sshd gives up. */
export class Stop extends Error {
  constructor(
    readonly exitCode: number,
    /** Printed as it stands, where it is no log line. */
    readonly plain?: string,
  ) {
    super(`exit ${exitCode}`);
  }
}

/** Told about every directive that takes effect or is checked, in reading order. */
export interface Visit {
  path: string;
  line: Line;
  keyword: Keyword;
  active: boolean;
  /** The Match block it stands in, as "path:line"; undefined outside. */
  block: string | undefined;
}

export interface Walk {
  build: Build;
  world: World;
  source: Source;
  report(message: Message): void;
  visit?(visit: Visit): void;
  /** Go on behind a line that stops sshd: an editor wants to hear about all of them. */
  tolerant: boolean;
  /** Files that were included, by pattern, none for a pattern that matched nothing; shared by both passes. */
  includes: Map<string, readonly string[]>;
  parsed: Map<string, Document>;
}

/** What is needed to read the files of one tree; use it for both passes. */
export function startWalk(
  build: Build,
  world: World,
  source: Source,
  report: Walk["report"],
  options: { tolerant?: boolean; visit?: Walk["visit"] } = {},
): Walk {
  const { tolerant = false, visit } = options;
  return { build, world, source, report, visit, tolerant, includes: new Map(), parsed: new Map() };
}
