import { toByteString } from "@/lib/sshd-config/bytes";

/** One unit of a compiled name pattern. */
type Unit =
  | { kind: "byte"; byte: string }
  | { kind: "one" }
  | { kind: "many" }
  | {
      kind: "set";
      negated: boolean;
      ranges: readonly (readonly [string, string])[];
      classes: readonly RegExp[];
    };

const classes: { readonly [name: string]: RegExp } = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/**
 * Does one part of a path match one part of a pattern? A leading dot must be written.
 *
 * sshd brings its own glob(3), BSD's: `*`, `?`, `[a-z]` with `!` (and only that) for "not", `[:digit:]`, and a
 * backslash that takes the meaning from what follows. A `[` that is never closed is a letter like any other.
 *
 * @see OpenSSH openbsd-compat/glob.c:glob0, match
 */
export function matchesName(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const units = compile(toByteString(pattern));
  return units !== undefined && matchUnits(toByteString(name), units);
}

/** May the part stand for other names than itself? */
export function isMagic(part: string): boolean {
  if (!/[*?[]/.test(part)) return false;
  const units = compile(toByteString(part));
  return units === undefined || units.some((unit) => unit.kind !== "byte");
}

/** A part without magic as the name it stands for. */
export function literalName(part: string): string {
  return part.replace(/\\(.)/gs, "$1");
}

/** Undefined: an unknown class in it, which fails the whole pattern. */
function compile(pattern: string): Unit[] | undefined {
  const units: Unit[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === "*") units.push({ kind: "many" });
    else if (c === "?") units.push({ kind: "one" });
    else if (c === "[") {
      const set = readSet(pattern, i);
      if (set === undefined) return undefined;
      if (set === "unclosed") units.push({ kind: "byte", byte: c });
      else {
        units.push(set.unit);
        i = set.end;
      }
    } else units.push({ kind: "byte", byte: c === "\\" && i + 1 < pattern.length ? pattern[++i]! : c });
  }
  return units;
}

/** Reads `[…]`; `end` is where its bracket closes. */
function readSet(pattern: string, open: number): { unit: Unit; end: number } | "unclosed" | undefined {
  const negated = pattern[open + 1] === "!";
  const first = open + (negated ? 2 : 1);
  const ranges: [string, string][] = [];
  const named: RegExp[] = [];
  for (let i = first; i < pattern.length; i++) {
    // Right behind the bracket, one that closes is a member.
    if (pattern[i] === "]" && i > first) {
      return { unit: { kind: "set", negated, ranges, classes: named }, end: i };
    }
    const name = /^\[:([^:]*):\]/.exec(pattern.slice(i))?.[1];
    if (name !== undefined) {
      const known = classes[name];
      if (!known) return undefined;
      named.push(known);
      i += name.length + 3;
      continue;
    }
    const low = pattern[i] === "\\" && i + 1 < pattern.length ? pattern[++i]! : pattern[i]!;
    const isRange = pattern[i + 1] === "-" && i + 2 < pattern.length && pattern[i + 2] !== "]";
    if (isRange) i += pattern[i + 2] === "\\" && i + 3 < pattern.length ? 3 : 2;
    ranges.push([low, isRange ? pattern[i]! : low]);
  }
  return "unclosed";
}

function matchUnits(name: string, units: readonly Unit[]): boolean {
  let i = 0;
  let j = 0;
  let star = -1;
  let retry = 0;
  while (i < name.length) {
    const unit = units[j];
    if (unit?.kind === "many") {
      star = j++;
      retry = i;
    } else if (unit && matchesByte(name[i]!, unit)) {
      i++;
      j++;
    } else if (star >= 0) {
      j = star + 1;
      i = ++retry;
    } else return false;
  }
  while (units[j]?.kind === "many") j++;
  return j === units.length;
}

function matchesByte(byte: string, unit: Unit): boolean {
  if (unit.kind === "byte") return unit.byte === byte;
  if (unit.kind !== "set") return true;
  const isMember =
    unit.ranges.some(([low, high]) => low <= byte && byte <= high) || unit.classes.some((c) => c.test(byte));
  return isMember !== unit.negated;
}
