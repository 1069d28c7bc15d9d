import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { KeyEdits } from "@/lib/features/changes/key-edits";
import { readWanted, type Wanted } from "@/lib/features/placements/wanted";
import { can, type Role } from "@/lib/policy/permissions";

/** As much of a change as says which keys come into which account. */
interface PlacedKeys {
  readonly account: string | null;
  /** The column Change.keyEdits. */
  readonly keyEdits: unknown;
}

/** The same edits, where a grant wants a key that comes with the grant: so it is known later for what the key came. */
export function markGranted(edits: KeyEdits, account: string, wanted: Pick<Wanted, "keys">): KeyEdits {
  return edits.map((edit) => {
    if (edit.kind !== "add") return edit;
    const grant = wanted.keys.find((key) => key.account === account && key.fingerprint === edit.fingerprint);
    return grant ? { ...edit, grantId: grant.grantId } : edit;
  });
}

/**
 * Refuses a key that comes into an account without a grant that stands and says the same options, unless the actor may
 * grant. What only goes, and modes, need none.
 *
 * @throws AppError `forbidden`
 */
export async function refuseUngranted(
  db: Db | Transaction,
  hostId: string,
  { account, keyEdits }: PlacedKeys,
  role: Role,
  now: Date,
): Promise<void> {
  if (can(role, "access:grant")) return;
  const added = KeyEdits.parse(keyEdits).flatMap((edit) => (edit.kind === "add" ? [edit] : []));
  if (added.length === 0) return;
  const host = await db.host.findUniqueOrThrow({ where: { id: hostId } });
  const { keys } = await readWanted(db, host, now);
  const own = keys.filter((key) => key.account === account);
  for (const { fingerprint, comment, options } of added) {
    const granted = own.filter((key) => key.fingerprint === fingerprint);
    if (granted.some(({ written }) => JSON.stringify(written) === JSON.stringify(options))) continue;
    const why =
      granted.length > 0
        ? `The grant for ${account} on ${host.name} says other options for the key “${comment}”.`
        : `No grant lets the key “${comment}” into ${account} on ${host.name}.`;
    throw new AppError(
      "forbidden",
      `${why} Place it as it is granted, or ask an owner or admin to grant it.`,
    );
  }
}
