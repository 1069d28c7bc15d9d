import { algorithmFamily, assembleAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { describeDefault } from "@/lib/sshd-config/describe";
import { findKeyword, isKnownTo, resolveAlias, statusIn, valuesIn } from "@/lib/sshd-config/directives";
import { formGroups } from "@/lib/sshd-config/form-groups";
import { decidingLines, globalLines, visitDirectives } from "@/lib/sshd-config/global-lines";
import type { Keyword, Kind } from "@/lib/sshd-config/keyword";
import type { ConfigFile, Line } from "@/lib/sshd-config/model";
import type { Visit } from "@/lib/sshd-config/walk";

/** choice: one of a few words · number, text: one value · words: several, in one line or several. */
export type FormControl = "choice" | "number" | "text" | "words";

/** A line that makes a value, and what it says. */
export interface FormPlace {
  path: string;
  /** Counted from 1. */
  line: number;
  /** Its arguments as they stand in the file. */
  value: string;
}

/** Where a value differs from that of everyone: the line, and the criteria of its Match block as they are written. */
export interface FormException extends FormPlace {
  criteria: string;
}

/** One directive as a form shows it. */
export interface FormField {
  keyword: Keyword;
  control: FormControl;
  /** The words of a choice; empty for other controls. */
  choices: readonly string[];
  /** What global lines say, as it is written; undefined where the default holds. */
  written: string | undefined;
  /** What holds when no line says anything; undefined where that is nothing. */
  default: string | undefined;
  /** The algorithms that a list comes to, first choice first; undefined for other directives and unsound lists. */
  algorithms: readonly string[] | undefined;
  /** The lines that make the value for everyone; several only where values accumulate. */
  places: readonly FormPlace[];
  exceptions: readonly FormException[];
}

export interface FormGroup {
  title: string;
  /** In one sentence, what is decided here. */
  lead: string;
  fields: readonly FormField[];
}

const choiceKinds = new Set<Kind>(["yes-no", "enum", "tunnel", "log-level", "log-facility", "digest"]);
const wordKinds = new Set<Kind>(["user-host-list", "group-list", "methods", "port", "listen-address"]);

/**
 * The common directives of a tree as a form: what each says for everyone, where, and for whom it differs.
 *
 * Directives that this build does not know are left out, as are old spellings of one that it does.
 */
export function readForm(files: readonly ConfigFile[], build: Build): FormGroup[] {
  const visits = visitDirectives(files, build);
  return formGroups.map(({ title, lead, names }) => ({
    title,
    lead,
    fields: names.flatMap((name) => {
      const keyword = formKeyword(name, build);
      return keyword ? [readField(visits, keyword, build)] : [];
    }),
  }));
}

/** The entry under which this build reads a directive of the form; undefined where it has another name or none. */
export function formKeyword(name: string, build: Build): Keyword | undefined {
  const keyword = findKeyword(name);
  if (!keyword || !isKnownTo(keyword, build) || statusIn(keyword, build) !== "live") return undefined;
  return resolveAlias(keyword, build) === keyword ? keyword : undefined;
}

/** The word of the manual for one that `sshd -T` prints in its place: they mean the same. */
const manualWords: Readonly<Record<string, string>> = { "without-password": "prohibit-password" };

function readField(visits: readonly Visit[], keyword: Keyword, build: Build): FormField {
  const places = decidingLines(visits, keyword, build).map(placeOf);
  const standard = describeDefault(keyword, build);
  return {
    keyword,
    control: controlOf(keyword.kind),
    choices: choiceKinds.has(keyword.kind)
      ? valuesIn(keyword, build).filter((word) => !manualWords[word])
      : [],
    written: places.length > 0 ? places.map(({ value }) => value).join(" ") : undefined,
    default: standard && (manualWords[standard] ?? standard),
    algorithms: algorithmsOf(keyword, places[0]?.value, build),
    places,
    exceptions: exceptionsOf(visits, keyword),
  };
}

function algorithmsOf(
  keyword: Keyword,
  list: string | undefined,
  build: Build,
): readonly string[] | undefined {
  const family = algorithmFamily(keyword.name);
  if (!family || family === "gss") return undefined;
  const assembled = assembleAlgorithms(list, family, build);
  return assembled ? assembled.split(",") : undefined;
}

function controlOf(kind: Kind): FormControl {
  if (choiceKinds.has(kind)) return "choice";
  if (wordKinds.has(kind)) return "words";
  return kind === "int" ? "number" : "text";
}

function placeOf({ path, line }: Visit): FormPlace {
  return { path, line: line.number, value: writtenArguments(line) };
}

/** The arguments of a line as they stand in its file, quotes and all; a comment behind them is none. */
function writtenArguments(line: Line): string {
  const first = line.args[0];
  const last = line.args.at(-1);
  if (!first || !last || line.unbalanced) return line.rest?.value ?? "";
  return line.text.slice(first.from - line.from, last.to - line.from);
}

/** The first line of every Match block that says something else about the keyword. */
function exceptionsOf(visits: readonly Visit[], keyword: Keyword): FormException[] {
  const global = new Set(globalLines(visits, keyword));
  const seen = new Set<string>();
  return visits.flatMap((visit) => {
    if (visit.keyword !== keyword || global.has(visit) || !visit.block || seen.has(visit.block)) return [];
    seen.add(visit.block);
    const match = visits.find((one) => `${one.path}:${one.line.number}` === visit.block);
    return [{ ...placeOf(visit), criteria: match?.line.rest?.value ?? "" }];
  });
}
