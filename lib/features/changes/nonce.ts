import type { Change } from "@/lib/generated/prisma/client";
import type { Secret } from "@/lib/secrets/secret";
import { workerSealer } from "@/lib/secrets/worker-sealer";

/** Where a change's nonce is sealed. */
export function noncePlace(changeId: string) {
  return { table: "Change", column: "nonceSealed", row: changeId };
}

/** The nonce that the host gave out with its answer. @throws Error for a change that was never applied: a bug of ours */
export function openNonce(change: Pick<Change, "id" | "nonceSealed">): Secret<string> {
  if (!change.nonceSealed) throw new Error(`change ${change.id} has no nonce`);
  return workerSealer().openText(noncePlace(change.id), change.nonceSealed);
}
