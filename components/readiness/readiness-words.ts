import type { Tone } from "@/components/ui/badge";
import type { ReadinessState } from "@/lib/features/readiness/schema";
import type { AccountReadinessView, HostReadinessView } from "@/lib/features/readiness/views";

/** What an account would show beside its key, in words. */
export const factorWords: Record<NonNullable<AccountReadinessView["factor"]>, string> = {
  totp: "codes by the time",
  hotp: "codes by a counter",
  "security-key": "security key",
};

export const accountStates: Record<AccountReadinessView["state"], { tone: Tone; text: string }> = {
  ready: { tone: "ok", text: "Ready" },
  excepted: { tone: "info", text: "Excepted" },
  missing: { tone: "warn", text: "Not ready" },
};

export const hostStates: Record<ReadinessState, { tone: Tone; text: string }> = {
  "shut-out": { tone: "danger", text: "Asked for, and somebody is not ready" },
  required: { tone: "ok", text: "Asked for already" },
  ready: { tone: "ok", text: "Ready" },
  missing: { tone: "warn", text: "Something is missing" },
  doubt: { tone: "neutral", text: "Cannot tell" },
};

/** The host in a word. */
export function standingOf(view: HostReadinessView): { tone: Tone; text: string } {
  if (view.mayRequire) return { tone: "ok", text: "A second factor may be required" };
  if (view.gaps.length > 0) return { tone: "neutral", text: "Cannot tell yet" };
  return { tone: "warn", text: `${view.missing} of ${view.accounts.length} not ready` };
}

/** "4 of 5 accounts are ready, 1 is excepted." */
export function countWords({ ready, excepted, accounts }: HostReadinessView): string {
  if (accounts.length === 0) return "By the last reading nobody but Gatehouse logs in here.";
  const noun = accounts.length === 1 ? "account is" : "accounts are";
  const more = excepted === 0 ? "" : `, ${excepted} ${excepted === 1 ? "is" : "are"} excepted`;
  return `${ready} of ${accounts.length} ${noun} ready${more}.`;
}
