import { Archive, KeyRound, PlugZap } from "lucide-react";
import { Status, type Tone } from "@/components/ui/badge";
import type { HostCondition } from "@/lib/features/hosts/views";

interface Words {
  tone: Tone;
  label: string;
  icon?: typeof Archive;
}

export const conditionWords: Record<HostCondition, Words> = {
  ready: { tone: "ok", label: "Ready" },
  unreachable: { tone: "danger", label: "Unreachable", icon: PlugZap },
  key_changed: { tone: "danger", label: "Host key changed", icon: KeyRound },
  enrolling: { tone: "busy", label: "Enrolling" },
  archived: { tone: "neutral", label: "Archived", icon: Archive },
  unknown: { tone: "neutral", label: "Not checked yet" },
};

/** How a host is, in one word. */
export function HostStatus({ condition }: { condition: HostCondition }) {
  const { tone, label, icon } = conditionWords[condition];
  return (
    <Status tone={tone} {...(icon && { icon })}>
      {label}
    </Status>
  );
}
