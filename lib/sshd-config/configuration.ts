import {
  findKeyword,
  isAllowedInMatch,
  isKnownTo,
  resolveAlias,
  statusIn,
} from "@/lib/sshd-config/directives";
import { expandInclude, includePattern } from "@/lib/sshd-config/include";
import { type Connection, readMatch } from "@/lib/sshd-config/match";
import { type DirectiveLine, type Document, isDirective } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import { readDirective } from "@/lib/sshd-config/read-directive";
import { Reading, Refusal } from "@/lib/sshd-config/reading";
import type { Settings } from "@/lib/sshd-config/settings";
import { type Message, Stop, type Walk } from "@/lib/sshd-config/walk";

/** Is a Match block in force, and do its values count? Shared by all files of a pass. */
interface State {
  active: boolean;
  block: string | undefined;
}

interface Flags {
  /** Outside Match blocks nothing counts (the second pass). */
  matchOnly: boolean;
  /** The Include stands in a block that does not hold: everything is only checked. */
  never: boolean;
}

interface Pass {
  walk: Walk;
  settings: Settings;
  connection: Connection | undefined;
  state: State;
  /** Lines of included files so far, as often as they were read. */
  included: number;
}

const maxDepth = 16;
/**
 * So many lines of included files are read: files that include each other twice and again would keep sshd, and whoever
 * looks at them, busy for days.
 */
const maxIncludedLines = 200_000;

/**
 * Reads the files once, in the order in which sshd does.
 *
 * @param connection undefined for the first pass, in which only `Match all` holds; with it only what stands in
 *   Match blocks that hold is set
 * @returns what the pass has set; defaults are not in it
 * @throws Stop when sshd would stop
 * @see OpenSSH servconf.c:parse_server_config
 */
export function readConfiguration(
  walk: Walk,
  path: string,
  connection: Connection | undefined,
  settings: Settings = new Map(),
): Settings {
  const state = { active: connection === undefined, block: undefined };
  const pass = { walk, settings, connection, state, included: 0 };
  const shown = connection ? "reprocess config" : path;
  readFile(pass, path, shown, { matchOnly: connection !== undefined, never: false }, 0);
  return settings;
}

function documentAt(walk: Walk, path: string): Document {
  const known = walk.parsed.get(path);
  if (known) return known;
  const text = walk.source.read(path);
  if (text === undefined) throw new Stop(1, `${path}: No such file or directory\n`);
  const document = parse(text, walk.build);
  walk.parsed.set(path, document);
  return document;
}

function readFile(pass: Pass, path: string, shown: string, flags: Flags, depth: number): void {
  const { walk } = pass;
  if (depth > maxDepth) giveUp(walk, "include-depth", "Too many recursive configuration includes");
  let bad = 0;
  const { lines } = documentAt(walk, path);
  if (depth > 0) pass.included += Math.max(1, lines.length);
  if (pass.included > maxIncludedLines)
    giveUp(walk, "include-count", `Includes come to more than ${maxIncludedLines} lines`);
  for (const line of lines) {
    if (isDirective(line) && !readLine(pass, line, path, shown, flags, depth)) bad++;
  }
  if (bad > 0 && !walk.tolerant) {
    const bare = `terminating, ${bad} bad configuration options`;
    walk.report({
      kind: "fatal",
      code: "log",
      text: `${shown}: ${bare}`,
      bare,
      path,
      line: undefined,
      word: undefined,
    });
    throw new Stop(255);
  }
}

function giveUp(walk: Walk, code: Message["code"], text: string): never {
  walk.report({ kind: "fatal", code, text, bare: text, path: "", line: undefined, word: undefined });
  throw new Stop(255);
}

/**
 * Reads the value of one `-o` of the command line.
 *
 * @returns false when sshd exits because of it
 * @throws Stop when it stops at once
 */
export function readCommandLineOption(walk: Walk, text: string, settings: Settings): boolean {
  const line = parse(text, walk.build).lines[0];
  if (!line?.keyword) return true;
  const state = { active: true, block: undefined };
  const pass = { walk, settings, connection: undefined, state, included: 0 };
  const written = line.keyword.value.toLowerCase();
  if (written === "match" || written === "include") {
    const bare = `${written === "match" ? "Match" : "Include"} directive not supported as a command-line option`;
    walk.report({ kind: "fatal", code: "bad-value", text: bare, bare, path: "", line, word: line.keyword });
    throw new Stop(255);
  }
  const directive = { ...line, number: 0, keyword: line.keyword };
  return readLine(pass, directive, "command-line", "command-line", { matchOnly: false, never: false }, 0);
}

/** Reads one directive; false when it is one of the errors that sshd counts. */
function readLine(
  pass: Pass,
  line: DirectiveLine,
  path: string,
  shown: string,
  flags: Flags,
  depth: number,
): boolean {
  const { walk } = pass;
  let reading: Reading | undefined;
  const print = (kind: Message["kind"], code: Message["code"], bare: string, located: boolean) => {
    const text = located ? `${shown} line ${line.number}: ${bare}` : bare;
    walk.report({ kind, code, text, bare, path, line, word: reading?.current ?? line.keyword });
  };
  try {
    read();
    return true;
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason;
    if (reason instanceof AlreadyReported) return false;
    print(reason.kind, reason.code, reason.message, reason.located);
    if (reason.kind === "fatal" && !walk.tolerant) throw new Stop(255);
    return false;
  }

  function read(): void {
    const { build } = walk;
    const splitsAhead = build.release >= 807;
    const spelled = line.keyword.value;
    if (splitsAhead && !line.rest?.value) {
      throw new Refusal("error", "no-argument", `no argument after keyword "${spelled}"`, true);
    }
    const written = findKeyword(spelled);
    const known = written && isKnownTo(written, build) ? written : undefined;
    if (!known) {
      const bare = `Bad configuration option: ${spelled}`;
      const text = `${shown}: line ${line.number}: ${bare}`;
      walk.report({ kind: "error", code: "unknown-keyword", text, bare, path, line, word: line.keyword });
    }
    if (splitsAhead && line.unbalanced)
      throw new Refusal("error", "unbalanced-quote", "invalid quotes", true);
    if (!pass.state.active && !(known && isAllowedInMatch(known, build))) {
      if (pass.connection) return;
      const text = `Directive '${spelled}' is not allowed within a Match block`;
      throw new Refusal("fatal", "not-in-match", text, true);
    }
    if (!known) throw new AlreadyReported();
    const keyword = resolveAlias(known, build);
    walk.visit?.({ path, line, keyword, active: pass.state.active, block: pass.state.block });
    if (keyword.kind === "match") {
      readBlock(pass, line, path, flags, print);
      return;
    }
    reading = new Reading(line, keyword, {
      build,
      world: walk.world,
      settings: pass.settings,
      path,
      active: pass.state.active,
      log: (text) => print("log", "log", text, false),
    });
    const status = statusIn(known, build);
    if (status !== "live") {
      const word = status === "unsupported" ? "Unsupported" : "Deprecated";
      if (status !== "ignored") print("warning", "no-effect", `${word} option ${spelled}`, true);
      return;
    }
    if (keyword.kind === "include") readInclude(pass, reading, flags, depth);
    else readDirective(reading);
    refuseLeftOver(reading);
  }
}

/** A refusal whose line was printed before something else could be found wrong. */
class AlreadyReported extends Refusal {
  constructor() {
    super("error", "unknown-keyword", "", false);
  }
}

function refuseLeftOver(reading: Reading): void {
  if (reading.left === 0) return;
  const word = reading.next() ?? "";
  if (reading.splitsAhead)
    reading.error("extra-arguments", `keyword ${reading.spelled} extra arguments at end of line`);
  if (word !== "") reading.fatal("extra-arguments", `garbage at end of line; "${word.slice(0, 200)}".`);
}

function readBlock(
  pass: Pass,
  line: DirectiveLine,
  path: string,
  flags: Flags,
  print: (kind: Message["kind"], code: Message["code"], bare: string, located: boolean) => void,
): void {
  const { build, world } = pass.walk;
  const connection = flags.never ? undefined : pass.connection;
  pass.state.active = false;
  pass.state.block = `${path}:${line.number}`;
  const result = readMatch(line, {
    build,
    world,
    connection,
    log: (text) => print("log", "log", text, false),
  });
  pass.state.active = !flags.never && result.active;
  flags.matchOnly = false;
  const left = result.left.join(" ");
  if (build.release >= 807 && result.left.length > 0) {
    throw new Refusal(
      "error",
      "extra-arguments",
      `keyword ${line.keyword.value} extra arguments at end of line`,
      true,
    );
  }
  const word = build.release < 807 ? firstWord(left) : "";
  if (word !== "")
    throw new Refusal("fatal", "extra-arguments", `garbage at end of line; "${word.slice(0, 200)}".`, true);
}

function firstWord(text: string): string {
  return text === "" ? "" : (parse(`x ${text}`).lines[0]?.args[0]?.value ?? "");
}

/** Reads the files of an Include in place. A Match inside them ends with them. */
function readInclude(pass: Pass, reading: Reading, flags: Flags, depth: number): void {
  const { walk, state } = pass;
  let count = 0;
  for (let word = reading.nextOfList(); word !== undefined; word = reading.nextOfList()) {
    if (word === "") reading.error("missing-value", `keyword ${reading.spelled} empty argument`);
    count++;
    const selector = includePattern(word, reading.spelled, walk.build.release);
    const outer = { ...state };
    const inner: Flags = flags.matchOnly
      ? { matchOnly: true, never: false }
      : { matchOnly: false, never: !outer.active };
    const cached = walk.includes.get(selector);
    const paths = cached ?? expandInclude(selector, walk.source);
    if (paths.length === 0) walk.includes.set(selector, []);
    for (const path of paths) {
      readFile(pass, path, path, { ...inner }, depth + 1);
      Object.assign(state, outer);
      if (!cached) walk.includes.set(selector, [...(walk.includes.get(selector) ?? []), path]);
    }
  }
  if (count === 0) {
    reading.fatal(
      "missing-value",
      `${reading.splitsAhead ? reading.spelled : "Include"} missing filename argument`,
    );
  }
}
