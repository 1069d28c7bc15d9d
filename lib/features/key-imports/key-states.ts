import type { ImportedKeyState } from "@/lib/features/key-imports/views";

/** A key as it stands, or stood, at a place. */
interface Seen {
  readonly goneAt: Date | null;
  readonly declinedAt: Date | null;
}

/** The same key as it is here, if it is. */
interface Here {
  readonly personId: string;
  readonly origin: string;
}

/**
 * What a row proposes, from what is there and what is here now.
 *
 * @returns undefined when there is nothing to say: gone there and not here
 */
export function stateOfKey(
  seen: Seen,
  here: Here | undefined,
  personId: string,
): ImportedKeyState | undefined {
  const isOwn = here?.personId === personId;
  if (seen.goneAt === null) {
    if (isOwn) return "known";
    if (here) return "taken";
    return seen.declinedAt ? "declined" : "new";
  }
  if (!isOwn) return undefined;
  if (here.origin !== "imported") return "gone-own";
  return seen.declinedAt ? "kept" : "gone";
}
