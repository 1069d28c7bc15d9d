import type { Tone } from "@/components/ui/badge";
import type { ImportedKeyState, KeyImportView } from "@/lib/features/key-imports/views";

export const providerTitles: Record<KeyImportView["provider"], string> = {
  github: "GitHub",
  gitlab: "GitLab",
  launchpad: "Launchpad",
  url: "Address",
};

/** Where the account's keys can be looked at by everybody. */
export function placeOf({ provider, name }: Pick<KeyImportView, "provider" | "name">): string {
  if (provider === "github") return `github.com/${name}.keys`;
  if (provider === "gitlab") return `gitlab.com/${name}.keys`;
  if (provider === "launchpad") return `launchpad.net/~${name}/+sshkeys`;
  return name;
}

interface StateWords {
  readonly tone: Tone;
  readonly label: string;
  readonly text: string;
}

/** What a state means to the person who decides. */
export const stateWords: Record<ImportedKeyState, StateWords> = {
  new: { tone: "info", label: "New", text: "Stands there and is not here." },
  known: { tone: "ok", label: "Here", text: "Stands there and is here." },
  taken: {
    tone: "warn",
    label: "Somebody else's",
    text: "Belongs to somebody else here. If it is yours, bring it as a public key and prove it.",
  },
  declined: { tone: "neutral", label: "Declined", text: "Is not proposed again." },
  gone: { tone: "warn", label: "Gone there", text: "Stands there no more, and is still here." },
  kept: { tone: "neutral", label: "Gone there, kept", text: "Stands there no more, and stays here." },
  "gone-own": {
    tone: "neutral",
    label: "Gone there",
    text: "Stands there no more. It came here in another way and is removed in the list of keys.",
  },
};

/** What waits for an answer comes first. */
export const stateOrder: readonly ImportedKeyState[] = [
  "new",
  "gone",
  "taken",
  "known",
  "gone-own",
  "kept",
  "declined",
];
