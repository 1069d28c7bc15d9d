import { History, type LucideIcon } from "lucide-react";
import type { ChangeState } from "@/lib/change/machine";
import type { Tone } from "../ui/badge";

interface Words {
  tone: Tone;
  icon?: LucideIcon;
  /** The state in two words. */
  label: string;
  /** What it means for the host, in one sentence. */
  meaning: string;
}

/** How each state is told to people. Said here once, for lists, pages and the badge. */
export const changeWords: Record<ChangeState, Words> = {
  planning: {
    tone: "busy",
    label: "Asking the host",
    meaning: "The host is asked what this change would do. Nothing is written.",
  },
  planned: { tone: "info", label: "Planned", meaning: "Nothing on the host has changed yet." },
  applying: {
    tone: "busy",
    label: "Applying",
    meaning: "The host is writing the file; it will undo it by itself unless a fresh login proves it.",
  },
  proving: {
    tone: "busy",
    label: "Testing a login",
    meaning: "The new file is in force. A fresh connection is being tried.",
  },
  awaiting_person: {
    tone: "warn",
    label: "Waiting for you",
    meaning: "A fresh login worked. Try your own, then keep the change, or it is undone.",
  },
  confirming: {
    tone: "busy",
    label: "Keeping",
    meaning: "The host is being told to keep the change, over a fresh connection.",
  },
  rolling_back: { tone: "busy", label: "Rolling back", meaning: "The host is putting the old file back." },
  unknown: {
    tone: "warn",
    label: "No answer",
    meaning:
      "The host has not answered since. It decides by itself at the deadline, and is asked until it answers.",
  },
  confirmed: {
    tone: "ok",
    label: "Kept",
    meaning: "A fresh login proved the change, and the host has made it permanent.",
  },
  rolled_back: {
    tone: "neutral",
    icon: History,
    label: "Rolled back",
    meaning: "The host has its old file again, byte for byte.",
  },
  refused: { tone: "danger", label: "Refused", meaning: "Nothing on the host was changed." },
  forgotten: {
    tone: "neutral",
    label: "Forgotten",
    meaning:
      "The host was taken out of Gatehouse before it answered. It decided by itself; nobody here knows how.",
  },
  discarded: { tone: "neutral", label: "Discarded", meaning: "It was never applied." },
};
