import { factsIn, type KeywordFacts } from "@/lib/sshd-config/directives";
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
  /** By keyword. */
  facts: readonly KeywordFacts[];
  /** The one that is begun anew with each line; undefined before the first. */
  reading: Reading | undefined;
  /** What reads the line at hand; undefined before its words are looked at. */
  begun: Reading | undefined;
}

function startPass(walk: Walk, settings: Settings, connection: Connection | undefined, state: State): Pass {
  const facts = factsIn(walk.build);
  return { walk, settings, connection, state, included: 0, facts, reading: undefined, begun: undefined };
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
  const pass = startPass(walk, settings, connection, state);
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
  if (!line || !isDirective(line)) return true;
  const state = { active: true, block: undefined };
  const pass = startPass(walk, settings, undefined, state);
  const written = line.keyword.value.toLowerCase();
  if (written === "match" || written === "include") {
    const bare = `${written === "match" ? "Match" : "Include"} directive not supported as a command-line option`;
    walk.report({ kind: "fatal", code: "bad-value", text: bare, bare, path: "", line, word: line.keyword });
    throw new Stop(255);
  }
  line.number = 0;
  return readLine(pass, line, "command-line", "command-line", { matchOnly: false, never: false }, 0);
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
  pass.begun = undefined;
  try {
    readWords(pass, line, path, shown, flags, depth);
    return true;
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason;
    if (reason instanceof AlreadyReported) return false;
    const { kind, code, message, located } = reason;
    report(pass, line, path, kind, code, message, located ? shown : undefined);
    if (kind === "fatal" && !pass.walk.tolerant) throw new Stop(255);
    return false;
  }
}

/** @param shown the file, where sshd names file and line */
function report(
  { walk, begun }: Pass,
  line: DirectiveLine,
  path: string,
  kind: Message["kind"],
  code: Message["code"],
  bare: string,
  shown: string | undefined,
): void {
  const text = shown === undefined ? bare : `${shown} line ${line.number}: ${bare}`;
  walk.report({ kind, code, text, bare, path, line, word: begun?.current ?? line.keyword });
}

function readWords(
  pass: Pass,
  line: DirectiveLine,
  path: string,
  shown: string,
  flags: Flags,
  depth: number,
): void {
  const { walk, state } = pass;
  const splitsAhead = walk.build.release >= 807;
  if (splitsAhead && !line.restText) {
    throw new Refusal("error", "no-argument", `no argument after keyword "${line.spelled}"`, true);
  }
  const facts = line.entry && pass.facts[line.entry.id];
  const isKnown = facts?.isKnown === true;
  if (!isKnown) {
    const bare = `Bad configuration option: ${line.spelled}`;
    const text = `${shown}: line ${line.number}: ${bare}`;
    walk.report({ kind: "error", code: "unknown-keyword", text, bare, path, line, word: line.keyword });
  }
  if (splitsAhead && line.unbalanced) throw new Refusal("error", "unbalanced-quote", "invalid quotes", true);
  if (!state.active && !(isKnown && facts.isAllowedInMatch)) {
    if (pass.connection) return;
    const text = `Directive '${line.spelled}' is not allowed within a Match block`;
    throw new Refusal("fatal", "not-in-match", text, true);
  }
  if (!isKnown) throw new AlreadyReported();
  const keyword = facts.meaning;
  walk.visit?.({ path, line, keyword, active: state.active, block: state.block });
  if (keyword.kind === "match") {
    readBlock(pass, line, path, flags);
    return;
  }
  if (facts.status !== "live") {
    const word = facts.status === "unsupported" ? "Unsupported" : "Deprecated";
    if (facts.status !== "ignored")
      report(pass, line, path, "warning", "no-effect", `${word} option ${line.spelled}`, shown);
    return;
  }
  if (keyword.kind === "include") {
    // Its files are read before it ends: it cannot share what is begun anew with each of their lines.
    const reading = new Reading(walk, pass.settings, line, keyword, path, state.active);
    pass.begun = reading;
    readInclude(pass, reading, flags, depth);
    refuseLeftOver(reading);
    return;
  }
  if (pass.reading) pass.reading.begin(pass.settings, line, keyword, path, state.active);
  else pass.reading = new Reading(walk, pass.settings, line, keyword, path, state.active);
  pass.begun = pass.reading;
  readDirective(pass.reading);
  refuseLeftOver(pass.reading);
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

function readBlock(pass: Pass, line: DirectiveLine, path: string, flags: Flags): void {
  const { build, world } = pass.walk;
  const connection = flags.never ? undefined : pass.connection;
  pass.state.active = false;
  pass.state.block = `${path}:${line.number}`;
  const result = readMatch(line, {
    build,
    world,
    connection,
    log: (text) => report(pass, line, path, "log", "log", text, undefined),
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
      pass.begun = reading;
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
