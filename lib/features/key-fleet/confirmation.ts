import { createHash } from "node:crypto";
import type { KeyBatch, KeyBatchHost } from "@/lib/generated/prisma/client";
import { can, type Role } from "@/lib/policy/permissions";

type Seen = Pick<
  KeyBatchHost,
  "hostId" | "state" | "shutOut" | "losesWays" | "gainsWays" | "obstacle" | "reason" | "confirmedAt"
>;

/** Names what a page shows of the open parts of a batch, so that nobody confirms what he has not seen. */
export function digestOf(parts: readonly Seen[]): string {
  const shown = parts
    .map((part) => [
      part.hostId,
      // What is confirmed goes its way while somebody looks.
      part.confirmedAt !== null && part.state !== "asks" ? "on its way" : part.state,
      part.confirmedAt !== null && part.state !== "asks" ? [] : [...part.shutOut].sort(),
      part.losesWays,
      part.gainsWays,
      part.obstacle,
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(shown)).digest("hex");
}

/** What a person types where last ways in go: the number of them, with the word. */
export function typedWords(losses: readonly Pick<KeyBatchHost, "shutOut">[]): string {
  const total = losses.reduce((sum, { shutOut }) => sum + shutOut.length, 0);
  return `${total} ${total === 1 ? "account" : "accounts"}`;
}

export function isTypedLoss(typed: string, losses: readonly Pick<KeyBatchHost, "shutOut">[]): boolean {
  return typed.trim().toLowerCase() === typedWords(losses);
}

/** Whether a role may end a batch: not what whoever may let people go has begun. */
export function mayCancel({ kind }: Pick<KeyBatch, "kind">, role: Role): boolean {
  return can(role, "config:draft") && (kind !== "offboard" || can(role, "person:write"));
}
