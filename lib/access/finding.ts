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
  | "expired-account"
  | "writable-path"
  | "revoked-keys-unreadable"
  | "dead-name"
  | "sudo-without-factor"
  | "no-way-in"
  | "never-used";

/**
 * An edit that mends a finding and takes nobody's way but the one that the finding is about. Still to be planned and
 * proved like any other change; line numbers are those of the facts, and count from 1.
 */
export type Fix =
  /** Of a file of keys; only if the line still holds the key. */
  | {
      readonly kind: "remove-key-line";
      readonly path: string;
      readonly line: number;
      readonly fingerprint: string;
    }
  /** Of sshd_config: the directive on that line gets this value. */
  | {
      readonly kind: "set-value";
      readonly path: string;
      readonly line: number;
      readonly keyword: string;
      readonly value: string;
    }
  /** Of sshd_config: one word of a list goes, never the last one of its line. */
  | {
      readonly kind: "remove-word";
      readonly path: string;
      readonly line: number;
      readonly keyword: string;
      readonly word: string;
    }
  /** Of a file or directory; the mode in numbers, 0o755 is 493. */
  | { readonly kind: "set-mode"; readonly path: string; readonly uid: number; readonly mode: number };

/** Something about who can log in that an admin should mend or decide. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: "high" | "medium" | "low";
  /** The account it is about, if one. */
  readonly account?: string;
  readonly fingerprint?: string;
  /** What is so, one sentence. */
  readonly what: string;
  /** Why that matters. */
  readonly why: string;
  /** What to do. */
  readonly advice: string;
  /** The line or file to look at: "/etc/ssh/sshd_config:12". */
  readonly source?: string;
  /** Where an edit is safe. */
  readonly fix?: Fix;
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

/** One way an account, however many lead to it: the first. */
export function byAccount(paths: readonly LoginPath[]): Map<string, LoginPath> {
  const first = new Map<string, LoginPath>();
  for (const path of paths) if (!first.has(path.account)) first.set(path.account, path);
  return first;
}

/** An account that somebody sits behind, as distributions number them. */
export function isOfPerson({ uid, shell }: AccountFacts): boolean {
  const isUid = uid >= firstPersonUid && uid !== nobodyUid;
  return isUid && !/\/(?:nologin|false)$/.test(shell);
}

const firstPersonUid = 1000;
const nobodyUid = 65_534;
