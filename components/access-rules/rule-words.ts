import type { MethodScope } from "@/lib/access/assertions/assertion";
import type { RuleCounts, RuleSeverity, RuleState } from "@/lib/features/access-rules/views";
import type { Tone } from "../ui/badge";

/** What a rule comes to on a host. */
export const stateWords: Record<RuleState, { label: string; tone: Tone }> = {
  broken: { label: "Broken", tone: "danger" },
  unclear: { label: "Cannot tell", tone: "warn" },
  holds: { label: "Holds", tone: "ok" },
};

export const countWords: Record<keyof RuleCounts, { label: string; tone: Tone }> = {
  broken: { label: "broken on", tone: "danger" },
  unclear: { label: "cannot tell on", tone: "warn" },
  holds: { label: "holds on", tone: "ok" },
  waiting: { label: "not checked on", tone: "neutral" },
};
export const countOrder = ["broken", "unclear", "holds", "waiting"] as const;

export const severityWords: Record<RuleSeverity, string> = {
  block: "Blocks changes",
  warn: "Only warns",
};

export const methodWords: Record<MethodScope, string> = {
  any: "in any way",
  password: "with a password, alone or beside something else",
  "typed-only": "by what is typed alone, without a key",
  "single-factor": "with a single factor",
  "no-security-key": "without a security key",
  "unowned-key": "with a key that nobody owns",
  "leaver-key": "with a key of somebody who has left",
};

export const hostCount = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "host" : "hosts"}`;
