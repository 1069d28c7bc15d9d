import type { AgentStatus } from "@/lib/agent/answers";

/**
 * What is said of a change that the host has undone. That the old file is in force is claimed only where the host saw it
 * in its place; the host's own reason is always told.
 *
 * @param baseSha256 of the old file, which the live one is held against where the host itself did not look
 * @param because what went wrong, in whole sentences; undefined where nothing but the host's reason is known
 */
export function undoneWords(
  { reason, isRestored, liveSha256 }: Pick<AgentStatus, "reason" | "isRestored" | "liveSha256">,
  baseSha256: string,
  because?: string,
): string {
  const isBack = isRestored ?? liveSha256 === baseSha256;
  const isAsked = reason === "cancelled";
  return [
    because ?? (isAsked ? "Rolled back." : "Rolled back by the host."),
    isBack
      ? "The old file is in force."
      : "The old file is NOT known to be in force: look at it on the host.",
    reason && !isAsked && `The host says: ${reason}.`,
  ]
    .filter(Boolean)
    .join(" ");
}
