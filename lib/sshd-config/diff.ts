/** One line of a difference of two texts. */
export interface DifferenceLine {
  kind: "same" | "added" | "removed";
  /** Line numbers from 1; null where the side has no such line. */
  before: number | null;
  after: number | null;
  text: string;
}

/** Beyond this many differing lines all are shown as replaced. Time and memory grow with its square, and a list makes 50. */
const maxEdits = 500;

/** The shortest list of removed and added lines that turns one text into the other, with what stays between. */
export function diffLines(before: string, after: string): DifferenceLine[] {
  const a = toLines(before);
  const b = toLines(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (i: number, j: number): DifferenceLine => ({
    kind: "same",
    before: i + 1,
    after: j + 1,
    text: a[i]!,
  });
  const result: DifferenceLine[] = [];
  for (let i = 0; i < head; i++) result.push(same(i, i));
  for (const step of shortestEdit(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) {
    const { i, j } = step;
    if (step.kind === "same") result.push(same(head + i, head + j));
    else if (step.kind === "removed")
      result.push({ kind: "removed", before: head + i + 1, after: null, text: a[head + i]! });
    else result.push({ kind: "added", before: null, after: head + j + 1, text: b[head + j]! });
  }
  for (let k = tail; k > 0; k--) result.push(same(a.length - k, b.length - k));
  return result;
}

function toLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

interface Step {
  kind: DifferenceLine["kind"];
  i: number;
  j: number;
}

/** Myers' greedy algorithm: the furthest reach per diagonal is kept for every number of edits, then walked back. */
function shortestEdit(a: readonly string[], b: readonly string[]): Step[] {
  const reaches: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  let found = -1;
  for (let d = 0; d <= Math.min(a.length + b.length, maxEdits) && found < 0; d++) {
    reaches.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let i = down ? reach.get(k + 1)! : reach.get(k - 1)! + 1;
      while (i < a.length && i - k < b.length && a[i] === b[i - k]) i++;
      reach.set(k, i);
      if (i >= a.length && i - k >= b.length) found = d;
    }
    reach = new Map(reach);
  }
  if (found < 0) {
    return [
      ...a.map((_, i): Step => ({ kind: "removed", i, j: 0 })),
      ...b.map((_, j): Step => ({ kind: "added", i: a.length, j })),
    ];
  }
  const steps: Step[] = [];
  let i = a.length;
  let j = b.length;
  for (let d = found; d >= 0; d--) {
    const last = reaches[d]!;
    const k = i - j;
    const down = k === -d || (k !== d && (last.get(k - 1) ?? -1) < (last.get(k + 1) ?? -1));
    const fromI = down ? last.get(k + 1)! : last.get(k - 1)!;
    const fromJ = fromI - (down ? k + 1 : k - 1);
    while (i > Math.max(fromI, 0) && j > Math.max(fromJ, 0) && i > 0 && j > 0 && (d === 0 || i - j === k)) {
      if (i === fromI || j === fromJ || (i - 1 < fromI && j - 1 < fromJ)) break;
      i--;
      j--;
      steps.push({ kind: "same", i, j });
    }
    if (d === 0) break;
    if (down) steps.push({ kind: "added", i: fromI, j: fromJ });
    else steps.push({ kind: "removed", i: fromI, j: fromJ });
    i = fromI;
    j = fromJ;
  }
  return steps.reverse();
}

/** A directive whose effective value changes. */
export interface EffectiveDifference {
  /** Lower case. */
  keyword: string;
  /** The values as `sshd -T` prints them, one a line of it; empty: it prints none. */
  before: string[];
  after: string[];
}

/**
 * What changes in effect between two outputs of `sshd -T`, by keyword in order of appearance.
 *
 * Keywords compare case-insensitively (OpenSSH 10.5 began to print mixed case). The order of the values of one
 * keyword counts: AllowUsers and HostKey are searched in order.
 */
export function diffEffective(before: string, after: string): EffectiveDifference[] {
  const a = readDump(before);
  const b = readDump(after);
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((keyword) => ({ keyword, before: a.get(keyword) ?? [], after: b.get(keyword) ?? [] }))
    .filter((d) => d.before.length !== d.after.length || d.before.some((value, i) => value !== d.after[i]));
}

/** The lines of `sshd -T` by lower-case keyword. Lines without a value are kept with an empty one. */
export function readDump(dump: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of dump.split(/\r?\n/)) {
    const [, keyword, value] = /^(\S+)(?: (.*))?$/.exec(line) ?? [];
    if (!keyword) continue;
    const key = keyword.toLowerCase();
    const held = values.get(key);
    if (held) held.push(value ?? "");
    else values.set(key, [value ?? ""]);
  }
  return values;
}
