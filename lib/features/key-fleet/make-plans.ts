import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { markGranted } from "@/lib/features/changes/granted";
import { additions, createKeyChange, type NewKeyChange } from "@/lib/features/changes/key-commands";
import { KeyEdits } from "@/lib/features/changes/key-edits";
import type { Part } from "@/lib/features/key-fleet/drive";
import type { FileWork } from "@/lib/features/key-fleet/expand-wishes";
import { dropChange } from "@/lib/features/key-fleet/part";
import { readWanted } from "@/lib/features/placements/wanted";
import type { Change } from "@/lib/generated/prisma/client";

/** Files of one host that are planned at once. Those beyond follow when these are done. */
const mostFiles = 50;
/** Edits of one file at once (KeyEdits takes no more). */
const mostEdits = 150;

/**
 * Sees to it that there is a planned change for every file: those that are as they should be are kept, others thrown away.
 *
 * After the confirmation only the next file is planned: what comes before it decides about the rest.
 *
 * @returns the changes when all are planned; undefined while the host is being asked; a sentence when one cannot be made
 */
export async function makePlans(
  db: Transaction,
  part: Part,
  files: readonly FileWork[],
  at: Date,
): Promise<Change[] | string | undefined> {
  const wanted: (Pick<NewKeyChange, "account" | "path" | "edits"> | string)[] = [];
  const granted = files.some(({ add }) => add.length > 0)
    ? await readWanted(db, part.host, at)
    : { keys: [] };
  for (const { account, path, add, edits } of files.slice(0, mostFiles)) {
    const made = await additionsOrReason(db, add);
    const added = typeof made === "string" ? made : markGranted(made, account, granted);
    // Removals come first: a line and what takes its place must not be parted.
    wanted.push(
      typeof added === "string"
        ? added
        : { account, path, edits: [...edits.slice(0, mostEdits), ...added.slice(0, 50)] },
    );
  }
  const kept = new Map<number, Change>();
  for (const { change } of part.changes) {
    const index = wanted.findIndex(
      (work) =>
        typeof work !== "string" &&
        work.account === change.account &&
        work.path === change.path &&
        isSame(work.edits, change.keyEdits),
    );
    if (index >= 0 && !kept.has(index)) kept.set(index, change);
    else await dropChange(db, change, "The host is otherwise now. The batch plans it anew.", at);
  }
  const next = part.confirmedAt ? wanted.slice(0, 1) : wanted;
  const plans: Change[] = [];
  let isAsked = false;
  for (const [index, work] of next.entries()) {
    if (typeof work === "string") return work;
    const change = kept.get(index);
    if (change) {
      plans.push(change);
      continue;
    }
    isAsked = true;
    const by = part.batch.confirmedById ?? part.batch.authorId;
    const changeId = await createKeyChange(
      db,
      { hostId: part.hostId, ...work, message: part.batch.title },
      by,
    );
    await db.keyBatchChange.create({ data: { changeId, batchHostId: part.id } });
  }
  return isAsked ? undefined : plans;
}

async function additionsOrReason(db: Transaction, add: FileWork["add"]): Promise<KeyEdits | string> {
  try {
    return await additions(db, add);
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

function isSame(edits: KeyEdits, column: unknown): boolean {
  const stored = KeyEdits.safeParse(column);
  return stored.success && JSON.stringify(stored.data) === JSON.stringify(KeyEdits.parse(edits));
}
