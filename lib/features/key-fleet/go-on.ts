import type { Transaction } from "@/lib/db/client";
import { KeyEdits } from "@/lib/features/changes/key-edits";
import type { FileWork } from "@/lib/features/key-fleet/expand-wishes";
import type { Change } from "@/lib/generated/prisma/client";

// Where a part may go on to the next file without a reading in between: where keys only come. Nobody loses a way in by that,
// whatever else has happened on the host, and the host itself refuses a plan that was made from another file.

type Ended = Pick<Change, "state" | "keyEdits" | "planError">;

/** Whether what has ended was kept and only added, and the next files are planned and only add as well. */
export function goesOn(changes: readonly Ended[]): boolean {
  const kept = changes.filter(({ state }) => state === "confirmed");
  const next = changes.filter(({ state, planError }) => state === "planned" && planError === null);
  return (
    kept.length > 0 &&
    next.length > 0 &&
    kept.length + next.length === changes.length &&
    changes.every(({ keyEdits }) => onlyAdds(keyEdits))
  );
}

/** Changes by which a part has added keys since a reading began: it does not show them. */
export async function addedSince(
  db: Transaction,
  part: { readonly id: string },
  readAt: Date,
): Promise<Pick<Change, "account" | "path" | "endedAt">[]> {
  const changes = await db.keyBatchChange.findMany({
    where: { batchHostId: part.id, change: { state: "confirmed", endedAt: { gte: readAt } } },
    select: { change: { select: { account: true, path: true, endedAt: true } } },
  });
  return changes.map(({ change }) => change);
}

/** The files that are left; undefined where only another reading can tell: nothing is left, or something is to go. */
export function withoutAdded(
  files: readonly FileWork[],
  added: readonly Pick<Change, "account" | "path">[],
): readonly FileWork[] | undefined {
  if (added.length === 0) return files;
  const left = files.filter(
    ({ account, path }) => !added.some((change) => change.account === account && change.path === path),
  );
  return left.length > 0 && left.every(({ edits }) => edits.length === 0) ? left : undefined;
}

/** The last of these moments. */
export function lastEnd(readAfter: Date, ended: readonly Pick<Change, "endedAt">[]): Date {
  return new Date(Math.max(readAfter.getTime(), ...ended.map(({ endedAt }) => endedAt?.getTime() ?? 0)));
}

function onlyAdds(column: unknown): boolean {
  const edits = KeyEdits.safeParse(column);
  return edits.success && edits.data.every(({ kind }) => kind === "add");
}
