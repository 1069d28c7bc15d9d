import {
  type AddressRun,
  type AddressSet,
  runsOf,
  setOfRuns,
  subtract,
  unite,
} from "@/lib/access/assertions/address-set";
import type { PathLimits } from "@/lib/access/path-limits";
import { describeRanges } from "@/lib/access/sources";
import type { LoginPath } from "@/lib/access/who-can-log-in";

/** What breaks a rule, or may break it: a way that must not be, or one that is missing. */
export interface Offence {
  /** The same for the same way, whatever lines it stands in. */
  readonly id: string;
  /** The way that must not be open; undefined: a way is missing. */
  readonly path?: LoginPath;
  /** What somebody has to have or to know, as far as ways are compared. */
  readonly needs: readonly string[];
  /** The addresses at which it offends, and the same for people. */
  readonly runs: readonly AddressRun[];
  readonly from: readonly string[];
  /** Part of a sentence: "one factor is enough". */
  readonly reasons: readonly string[];
  /** What only the host can tell; empty: certain. */
  readonly dependsOn: readonly string[];
}

/** A rule, held against what was read on one host. */
export interface AssertionAnswer {
  /** "unclear": neither can be told. It does not count as holding, for no kind of rule. */
  readonly state: "holds" | "broken" | "unclear";
  /** Certain ones first. */
  readonly offences: readonly Offence[];
  /** Why what was read cannot be relied upon, one sentence each. */
  readonly doubts: readonly string[];
}

/** A way that must not be open from these addresses. */
export function offenceOf(
  path: LoginPath,
  addresses: AddressSet,
  reasons: readonly string[],
  dependsOn: readonly string[],
): Offence {
  const needs = needsOf(path);
  const id = JSON.stringify([path.account, ...needs]);
  return { id, path, needs, reasons, dependsOn, ...whereOf(addresses) };
}

/** A way that is missing, or may be, from these addresses. */
export function missingWay(
  addresses: AddressSet,
  reasons: readonly string[],
  dependsOn: readonly string[] = [],
): Offence {
  return { id: "missing", needs: [], reasons, dependsOn, ...whereOf(addresses) };
}

/** Most ways of a host are open from the same addresses, and each rule asks again. */
const places = new WeakMap<AddressSet, Pick<Offence, "runs" | "from">>();

function whereOf(addresses: AddressSet): Pick<Offence, "runs" | "from"> {
  const known = places.get(addresses) ?? { runs: runsOf(addresses), from: describeRanges(addresses) };
  places.set(addresses, known);
  return known;
}

/** Lines and methods may change; what has to be had or known is what makes ways comparable. */
function needsOf(path: LoginPath): string[] {
  const needs = path.steps.flatMap(({ key, factors }): string[] => {
    if (key)
      return [
        [key.kind, key.fingerprint ?? "", ...(key.principals ?? [])].join(" "),
        ...factors.filter((f) => f === "pin"),
      ];
    return factors.filter((factor) => factor !== "nothing");
  });
  return [...new Set(needs)].sort();
}

/** By what offends, the answer of a rule. */
export function answerOf(offences: readonly Offence[], doubts: readonly string[]): AssertionAnswer {
  const isCertain = ({ dependsOn }: Offence) => dependsOn.length === 0;
  const sorted = [...offences.filter(isCertain), ...offences.filter((offence) => !isCertain(offence))];
  const state = sorted.some(isCertain) ? "broken" : sorted.length + doubts.length > 0 ? "unclear" : "holds";
  return { state, offences: sorted, doubts };
}

/**
 * What offends after a change and did not before: new ways, more addresses, certainty where there was doubt.
 *
 * A way is not new where before nothing more was needed for the same account: who asks for a password beside the key
 * has not opened anything. It is new where it is freer than it was: another command, or none, is forced; a session is
 * had where none was.
 */
export function newOffences(before: AssertionAnswer, after: AssertionAnswer): Offence[] {
  return after.offences.flatMap((offence): Offence[] => {
    const old = before.offences.filter((other) => covers(other, offence));
    const known = unite(old.flatMap(({ runs }) => setOfRuns(runs)));
    const added = subtract(setOfRuns(offence.runs), known);
    return added.length === 0 ? [] : [{ ...offence, ...whereOf(added) }];
  });
}

function covers(old: Offence, now: Offence): boolean {
  if (old.path?.account !== now.path?.account) return false;
  if (old.dependsOn.length > 0 && now.dependsOn.length === 0) return false;
  if (old.path && now.path && isFreer(now.path.limits, old.path.limits)) return false;
  return old.needs.every((need) => now.needs.includes(need));
}

const isFreer = (now: PathLimits, old: PathLimits) =>
  (old.forcedCommand !== undefined && now.forcedCommand !== old.forcedCommand) ||
  (old.hasNoShell && !now.hasNoShell) ||
  (old.isClosed && !now.isClosed);
