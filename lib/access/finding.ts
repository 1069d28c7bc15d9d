import { meet, type Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import type { Server } from "@/lib/access/server";
import type { KeyOwner, LoginPath } from "@/lib/access/who-can-log-in";

export type FindingCode =
  | "root-by-password"
  | "password-alone"
  | "unowned-key"
  | "key-of-leaver"
  | "weak-key"
  | "shared-key"
  | "expired-key"
  | "writable-path"
  | "revoked-keys-unreadable"
  | "dead-name"
  | "sudo-without-factor"
  | "no-way-in"
  | "never-used";

/** Something about who can log in that an admin should mend or decide. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: "high" | "medium" | "low";
  /** The account it is about, if one. */
  readonly account?: string;
  readonly fingerprint?: string;
  /** What is so, and why it matters. */
  readonly text: string;
  /** What to do. */
  readonly fix: string;
  /** "/etc/ssh/sshd_config:12" */
  readonly source?: string;
}

export interface FindingInput {
  readonly server: Server;
  readonly paths: readonly LoginPath[];
  readonly people: readonly KeyOwner[];
  /** In seconds since 1970. */
  readonly now: number;
}

/** Reports one kind of fault. */
export type Rule = (input: FindingInput) => Finding[];

/** What holds for an account where no rule about addresses says otherwise. */
export function situationOf(server: Server, account: AccountFacts, now: number): Situation {
  const local = { localAddress: "127.0.0.1", localPort: 22 };
  return meet(server, { user: account.name, address: "127.0.0.1", ...local, now });
}
