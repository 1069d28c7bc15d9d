import type { Tone } from "@/components/ui/badge";
import type { BatchHostState, BatchKind } from "@/lib/features/key-fleet/schema";

/** What a state of a host's part is called, and what it means. */
export const stateWords: Record<BatchHostState, { tone: Tone; label: string; meaning: string }> = {
  reading: { tone: "busy", label: "Being read", meaning: "The host is asked what stands in its key files." },
  planning: {
    tone: "busy",
    label: "Being planned",
    meaning: "The changes are made from the files on the host.",
  },
  planned: { tone: "info", label: "Planned", meaning: "Nothing is written before somebody confirms it." },
  applying: {
    tone: "busy",
    label: "Being applied",
    meaning: "A change is on its way; the host undoes it unless a fresh login proves it.",
  },
  waiting: { tone: "warn", label: "Waiting", meaning: "The host cannot be asked now. It follows by itself." },
  asks: { tone: "danger", label: "Asks you", meaning: "A loss would come of it that nobody has confirmed." },
  refused: { tone: "danger", label: "Needs you", meaning: "It is not tried again by itself." },
  done: { tone: "ok", label: "Done", meaning: "A reading made after the last change shows it." },
  cancelled: { tone: "neutral", label: "Cancelled", meaning: "What was planned was thrown away." },
};

export const kindWords: Record<BatchKind, string> = {
  place: "Place",
  withdraw: "Withdraw",
  remove: "Remove",
  expire: "Let end",
  offboard: "Leaving",
};

/** A number with its word: "3 hosts". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
}
