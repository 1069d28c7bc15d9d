/** A statement with the line that makes it so. */
export interface ReasonView {
  text: string;
  /** "path:line"; null for what is built into sshd. */
  source: string | null;
}

export interface AccessStepView {
  method: string;
  /** "key", "pin", "password", "code", … */
  factors: string[];
  key: {
    /** "key", "authority" (certificates of it), "command" (a program on the host decides). */
    kind: string;
    fingerprint: string | null;
    type: string | null;
    bits: number | null;
    comment: string | null;
    principals: string[];
  } | null;
}

/** One way to log in, from all the addresses from which it is open. */
export interface AccessPathView {
  account: string;
  /** "any address", "10.0.0.0/8", … */
  from: string[];
  /** The host's own address, where the way is not open at all of them. */
  to: string | null;
  /** All of them, in this order. */
  steps: AccessStepView[];
  factors: number;
  personName: string | null;
  forcedCommand: string | null;
  /** Sentences about what such a login may not do, or when it ends. */
  limits: string[];
  why: ReasonView[];
  /** What only the host can tell; empty: certain. */
  dependsOn: string[];
  /** The last login with this key, or with this method; null: none is on record. */
  lastUsedAt: string | null;
}

/** Something about access that should be mended or decided. */
export interface AccessFindingView {
  /** FindingCode of lib/access/finding.ts. */
  code: string;
  severity: "high" | "medium" | "low";
  account: string | null;
  fingerprint: string | null;
  /** What is so, and why it matters. */
  text: string;
  /** What to do. */
  fix: string;
  /** "path:line", or a path. */
  source: string | null;
}

export interface AccessAccountView {
  name: string;
  uid: number;
  groups: string[];
  shell: string;
  password: "usable" | "locked" | "star" | "empty" | "unknown";
  sudo: { isAll: boolean; isWithoutPassword: boolean } | null;
  /** The state of one-time codes; null: none is kept. */
  otp: "valid" | "unusable" | null;
  lastLoginAt: string | null;
  paths: AccessPathView[];
}

export interface HostAccessView {
  hostId: string;
  hostName: string;
  /** Null: never read. */
  readAt: string | null;
  /** When something was last different. */
  changedAt: string | null;
  isStale: boolean;
  /** False: something moved on the host while it was read. */
  isConsistent: boolean;
  /** Why the last reading failed; null when it did not. */
  failure: string | null;
  /** What was left out because a cap was reached. */
  cuts: string[];
  sshdVersion: string | null;
  loginsSince: string | null;
  /** Why sshd refuses its own configuration; nobody can log in anew then. */
  refused: string | null;
  /** With at least one way in that fits the filter, in the host's order. */
  accounts: AccessAccountView[];
  /** Ways that fit the filter, and all. */
  shown: number;
  total: number;
  /** Names of accounts that nobody can log in to. */
  withoutWay: string[];
  /** Methods that occur, for the filter. */
  methods: string[];
  /** Why the host must not be asked now, for people; null when it may. */
  obstacle: string | null;
}

/** What was read on a host, for a browser that judges drafts while they are typed. */
export interface AccessFactsView {
  /** Names this reading; another one has another. */
  id: string;
  readAt: string | null;
  isStale: boolean;
  /** The server's moment, in seconds since 1970. */
  now: number;
  /** HostFacts as JSON; null when there is nothing to send, and `obstacle` says why. */
  json: string | null;
  obstacle: string | null;
}
