import type { Build } from "@/lib/sshd-config/build";
import { readConfiguration } from "@/lib/sshd-config/configuration";
import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { finishFirstPass } from "@/lib/sshd-config/effective";
import { explainMessage } from "@/lib/sshd-config/explain";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";
import { sourceOf } from "@/lib/sshd-config/include";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import { Refusal } from "@/lib/sshd-config/reading";
import { allRules } from "@/lib/sshd-config/rules/all-rules";
import { createRuleContext } from "@/lib/sshd-config/rules/context";
import { moveAbove } from "@/lib/sshd-config/rules/fixes";
import type { RuleContext } from "@/lib/sshd-config/rules/rule";
import { checkSense } from "@/lib/sshd-config/sense";
import type { Origin, Settings } from "@/lib/sshd-config/settings";
import { type Message, Stop, startWalk, type Visit } from "@/lib/sshd-config/walk";
import { unknownWorld, type World } from "@/lib/sshd-config/world";

/**
 * Everything worth telling about a tree of files, for one build of sshd.
 *
 * Errors and warnings are those of `sshd -t`, all of them: sshd itself stops at the first fatal one. Host keys and
 * names are not looked at. Files are read as sshd reads them: through Include, with the Match block that surrounds
 * it; a file that no Include reaches is checked by itself, and what is found there is only worth knowing.
 *
 * @param files the main file first
 * @param world the names that the host knows; a name it does not list is not held against a line unless it is complete
 * @param host what else is known about the host; what is not is not held against a line
 * @returns in the order of files, then of lines
 */
export function diagnose(
  files: readonly ConfigFile[],
  build: Build,
  world: World = unknownWorld,
  host: HostKnowledge = {},
): Diagnostic[] {
  const main = files[0];
  if (!main) return [];
  const reached = new Set<string>();
  // Not by push(...): a file may have more findings than a call takes arguments.
  const found = files.flatMap(({ path }) => {
    if (reached.has(path)) return [];
    const ofTree = diagnoseFrom({ path, files, build, world, host }, reached);
    return path === main.path ? ofTree : ofTree.map(asUnread);
  });
  return withoutRepeated(inOrder(found, files));
}

function inOrder(found: readonly Diagnostic[], files: readonly ConfigFile[]): readonly Diagnostic[] {
  const order = new Map(files.map((f, i) => [f.path, i]));
  const orderOf = (path: string) => order.get(path) ?? 0;
  return [...found].sort(
    (a, b) => (a.path === b.path ? 0 : orderOf(a.path) - orderOf(b.path)) || a.from - b.from,
  );
}

/** What is told about one place several times over (a file that is read twice) is told once. */
function withoutRepeated(sorted: readonly Diagnostic[]): Diagnostic[] {
  const kept: Diagnostic[] = [];
  /** Of the place at hand. */
  let first: Diagnostic | undefined;
  let told: Set<string> | undefined;
  for (const one of sorted) {
    if (first?.path !== one.path || first.from !== one.from) {
      first = one;
      told = undefined;
      kept.push(one);
      continue;
    }
    told ??= new Set([`${first.code}\n${first.what}`]);
    const text = `${one.code}\n${one.what}`;
    if (told.has(text)) continue;
    told.add(text);
    kept.push(one);
  }
  return kept;
}

/** Why sshd would refuse to start: the errors that it tells itself, without rules. */
export function findRefusals(files: readonly ConfigFile[], build: Build): Diagnostic[] {
  const found: Diagnostic[] = [];
  const path = files[0]?.path;
  if (path !== undefined) readTree({ path, files, build, world: unknownWorld, host: {} }, found);
  return found.filter(({ severity }) => severity === "error");
}

/** What is wrong in a file that sshd does not read cannot keep it from starting. */
function asUnread(diagnostic: Diagnostic): Diagnostic {
  const why = `No Include leads to this file, so sshd does not read it. If it did: ${diagnostic.why}`;
  return { ...diagnostic, severity: "info", why };
}

/** Where to begin to read, and what is known beside the files. */
interface Subject {
  path: string;
  files: readonly ConfigFile[];
  build: Build;
  world: World;
  host: HostKnowledge;
}

function diagnoseFrom(subject: Subject, reached: Set<string>): Diagnostic[] {
  const found: Diagnostic[] = [];
  const context = readTree(subject, found, reached);
  // Of a line that sshd refuses its own reason is enough.
  const lineOf = ({ path, line }: Diagnostic) => `${path}:${line}`;
  const refused = new Set(found.filter((d) => d.severity === "error").map(lineOf));
  const ofRules = allRules.flatMap((rule) => rule.find(context));
  return found.concat(refused.size === 0 ? ofRules : ofRules.filter((d) => !refused.has(lineOf(d))));
}

/**
 * Reads a tree for those who look at it as a whole.
 *
 * @param found takes what sshd itself says
 * @param reached takes the path of every file that was read
 */
export function readTree(
  { path, files, build, world, host }: Subject,
  found: Diagnostic[] = [],
  reached = new Set<string>(),
): RuleContext {
  const visits: Visit[] = [];
  const misplaced: { diagnostic: Diagnostic; path: string; line: Line }[] = [];
  let detail: string | undefined;
  const report = (message: Message) => {
    if (message.kind === "log") {
      detail = message.bare;
      return;
    }
    const said = toDiagnostic(message, detail, path, build);
    found.push(said);
    const { line } = message;
    if (message.code === "not-in-match" && line?.entry)
      misplaced.push({ diagnostic: said, path: message.path, line });
    detail = undefined;
  };
  const visit = (v: Visit) => visits.push(v);
  const walk = startWalk(build, world, sourceOf(files), report, { tolerant: true, visit });
  const settings: Settings = new Map();
  try {
    readConfiguration(walk, path, undefined, settings);
  } catch (reason) {
    if (!(reason instanceof Stop)) throw reason;
  }
  const firstMatch = new Map<string, Visit>();
  for (const v of misplaced.length > 0 ? visits : [])
    if (v.keyword.kind === "match" && !firstMatch.has(v.path)) firstMatch.set(v.path, v);
  for (const { diagnostic, ...placed } of misplaced) {
    const match = firstMatch.get(placed.path);
    if (match && match.line.number < placed.line.number) diagnostic.fix = moveAbove([placed], match);
  }
  for (const read of walk.parsed.keys()) reached.add(read);
  found.push(...diagnoseTogether(settings, build, path));
  return createRuleContext({ files, path, build, visits, settings, world, host });
}

function toDiagnostic(message: Message, detail: string | undefined, path: string, build: Build): Diagnostic {
  const { line, word } = message;
  const { what, why, advice, fix } = explainMessage(message, detail, build);
  // What is wrong with a Match line is rarely one word of it.
  const whole = message.code === "bad-match" ? line?.args.at(-1)?.to : undefined;
  return {
    severity: message.kind === "warning" ? "warning" : "error",
    code: message.code,
    path: message.path || path,
    line: line?.number ?? 1,
    from: word?.from ?? line?.from ?? 0,
    to: whole ?? word?.to ?? line?.to ?? 0,
    what,
    why,
    advice,
    sshd: message.text,
    ...(fix && { fix }),
  };
}

/** Refusals that look at several directives: algorithm lists, and checks of sense. */
function diagnoseTogether(settings: Settings, build: Build, path: string): Diagnostic[] {
  const printed: string[] = [];
  try {
    checkSense(finishFirstPass(settings, build), build, (text) => printed.push(text));
    return [];
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason;
    const origin = originOf(reason.message, settings) ?? { path, line: 1, from: 0, to: 0 };
    const bare = reason.message;
    const message: Message = {
      kind: "fatal",
      code: reason.code,
      text: bare,
      bare,
      path: origin.path,
      line: undefined,
      word: undefined,
    };
    const { what, why, advice } = explainTogether(message, printed[0], build);
    return [{ severity: "error", code: reason.code, ...origin, what, why, advice, sshd: bare }];
  }
}

function explainTogether(message: Message, detail: string | undefined, build: Build) {
  if (message.code !== "missing-value") return explainMessage(message, detail, build);
  return {
    what: `${message.bare}.`,
    why: "sshd refuses to start: it runs such a command only as an account of its own.",
    advice: "Name the account to run it as; one that owns nothing else is best.",
  };
}

/** The keyword that a refusal is about, by the words sshd uses for it. */
const subjects: readonly (readonly [text: string, key: string])[] = [
  ["AuthorizedKeysCommand", "authorizedkeyscommand"],
  ["AuthorizedPrincipalsCommand", "authorizedprincipalscommand"],
  ["AuthenticationMethods", "authenticationmethods"],
  [": ciphers:", "ciphers"],
  [": macs:", "macs"],
  [": kex_algorithms:", "kexalgorithms"],
  [": hostkeyalgorithms:", "hostkeyalgorithms"],
  [": hostbased_key_types:", "hostbasedacceptedkeytypes"],
  [": hostbased_accepted_algos:", "hostbasedacceptedalgorithms"],
  [": pubkey_key_types:", "pubkeyacceptedkeytypes"],
  [": pubkey_accepted_algos:", "pubkeyacceptedalgorithms"],
  [": ca_sign_algorithms:", "casignaturealgorithms"],
];

function originOf(text: string, settings: Settings): Origin | undefined {
  const key = subjects.find(([words]) => text.includes(words))?.[1];
  return key === undefined ? undefined : settings.get(key)?.[0]?.origin;
}
