import { CircleDashed } from "lucide-react";
import { Status, type Tone } from "@/components/ui/badge";
import type { ActivityRow } from "@/lib/features/activity/views";

export const outcomes: Record<ActivityRow["outcome"], { tone: Tone; label: string }> = {
  intent: { tone: "neutral", label: "Begun" },
  done: { tone: "ok", label: "Done" },
  refused: { tone: "warn", label: "Refused" },
  failed: { tone: "danger", label: "Failed" },
};

/** How an act ended, or that it was begun. */
export function Outcome({ outcome }: { outcome: ActivityRow["outcome"] }) {
  const { tone, label } = outcomes[outcome];
  return (
    <Status tone={tone} {...(outcome === "intent" && { icon: CircleDashed })}>
      {label}
    </Status>
  );
}
