import { crypto } from "@/lib/sshd-config/directives/crypto";
import { forwarding } from "@/lib/sshd-config/directives/forwarding";
import { kerberos } from "@/lib/sshd-config/directives/kerberos";
import { listening } from "@/lib/sshd-config/directives/listening";
import { login } from "@/lib/sshd-config/directives/login";
import { publicKeys } from "@/lib/sshd-config/directives/public-keys";
import { session } from "@/lib/sshd-config/directives/session";

/** What a keyword is about, for a long list that people look through. */
export type Topic =
  | "Who gets in"
  | "Public keys"
  | "Session"
  | "Forwarding"
  | "Listening"
  | "Algorithms"
  | "Kerberos"
  | "Other";

/** In the order in which people ask. */
export const topics: readonly Topic[] = [
  "Who gets in",
  "Public keys",
  "Session",
  "Forwarding",
  "Listening",
  "Algorithms",
  "Kerberos",
  "Other",
];

const tables = {
  "Who gets in": login,
  "Public keys": publicKeys,
  Session: session,
  Forwarding: forwarding,
  Listening: listening,
  Algorithms: crypto,
  Kerberos: kerberos,
} as const;

const byName = new Map(
  topics.flatMap((topic) =>
    topic === "Other" ? [] : tables[topic].map(({ name }) => [name.toLowerCase(), topic] as const),
  ),
);

/** The topic of a keyword in any spelling of its letters; "Other" for what no table names. */
export function topicOf(keyword: string): Topic {
  return byName.get(keyword.toLowerCase()) ?? "Other";
}
