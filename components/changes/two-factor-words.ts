import type { AskedAccountView, EnforcementView } from "@/lib/features/changes/views";
import type { Tone } from "../ui/badge";

type Step = EnforcementView["step"];

/** How each step is told to people: said here once. */
export const stepWords: Record<Step, { tone: Tone; label: string; meaning: string }> = {
  off: {
    tone: "neutral",
    label: "Off",
    meaning: "The host asks for no second factor that Gatehouse set up.",
  },
  optional: {
    tone: "info",
    label: "Optional",
    meaning:
      "Who has a secret logs in by key and code; who has none still comes in by key. Passwords are off.",
  },
  required: {
    tone: "ok",
    label: "Required",
    meaning:
      "Everybody logs in by key and code, but for the security keys, groups and exceptions named below.",
  },
};

/** Where PAM has the step and sshd does not ask for it any more. */
export const undoneWords: (typeof stepWords)["off"] = {
  tone: "danger",
  label: "Asked of nobody",
  meaning: "sshd does not ask everybody for a code: Gatehouse's lines are not in sshd_config.",
};

/** What an account is asked for after a change. */
export const askedWords: Record<AskedAccountView["asked"], { label: string; tone: Tone }> = {
  code: { label: "key and code", tone: "ok" },
  "code-later": { label: "key; code too once it has a secret", tone: "info" },
  "security-key": { label: "security key that verifies its owner", tone: "ok" },
  key: { label: "key alone", tone: "warn" },
  other: { label: "as its methods say", tone: "neutral" },
  nothing: { label: "no way in", tone: "danger" },
};
