import type { Edit } from "@/lib/sshd-config/diagnostic";

/** The one stretch in which two texts differ, and what stands there in the second; undefined when they are the same. */
export function smallestChange(
  before: string,
  after: string,
): { from: number; to: number; insert: string } | undefined {
  if (before === after) return undefined;
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - from;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) };
}

/**
 * Edits of a text that has changed since, moved to where they belong now.
 *
 * @param edits of `before`, all of one file
 * @returns undefined when one of them touches what has changed: it may no longer be right
 */
export function moveEdits(edits: readonly Edit[], before: string, after: string): Edit[] | undefined {
  const change = smallestChange(before, after);
  if (!change) return [...edits];
  const shift = change.insert.length - (change.to - change.from);
  const moved: Edit[] = [];
  for (const edit of edits) {
    if (edit.to < change.from) moved.push(edit);
    else if (edit.from > change.to) moved.push({ ...edit, from: edit.from + shift, to: edit.to + shift });
    else return undefined;
  }
  return moved;
}
