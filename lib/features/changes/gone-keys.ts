import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import type { KeyEdits } from "@/lib/features/changes/key-edits";

/**
 * Refuses that a key comes into an account of which everybody who has it here has left or taken it out. A line that only
 * gets other options stands there already.
 *
 * @throws AppError `conflict` that names the key and whose it was
 */
export async function refuseGone(db: Transaction, edits: KeyEdits): Promise<void> {
  const going = new Set(edits.flatMap((edit) => (edit.kind === "remove" ? [edit.fingerprint] : [])));
  const coming = edits.flatMap((edit) =>
    edit.kind === "add" && !going.has(edit.fingerprint) ? [edit.fingerprint] : [],
  );
  if (coming.length === 0) return;
  const keys = await db.personKey.findMany({
    where: { fingerprint: { in: coming } },
    select: {
      fingerprint: true,
      name: true,
      provedAt: true,
      removedAt: true,
      person: { select: { name: true, disabledAt: true } },
    },
  });
  const isGone = ({ removedAt, person }: (typeof keys)[number]) =>
    removedAt !== null || person.disabledAt !== null;
  // Whoever only says that it is his does not bring it back.
  const stands = new Set(keys.flatMap((key) => (key.provedAt && !isGone(key) ? [key.fingerprint] : [])));
  const gone = keys.find((key) => isGone(key) && !stands.has(key.fingerprint));
  if (gone)
    throw new AppError(
      "conflict",
      `The key “${gone.name}” would come in: ${gone.person.name} has left, or took it out. Place the other keys of this change on the host's page.`,
    );
}
