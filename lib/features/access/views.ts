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
  /** What is so, one sentence. */
  what: string;
  /** Why that matters. */
  why: string;
  /** What to do. */
  advice: string;
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

/** One way of the fleet, as a row of a list. */
export interface FleetPathRow {
  hostId: string;
  hostName: string;
  id: string;
  account: string;
  isRoot: boolean;
  methods: string;
  factors: number;
  asksPassword: boolean;
  isCertain: boolean;
  fingerprint: string | null;
  keyType: string | null;
  comment: string | null;
  /** Who owns the first key that somebody owns; null: nobody we know, or no key. */
  person: { id: string; name: string; hasLeft: boolean } | null;
  from: string[];
  limits: string[];
  forcedCommand: string | null;
  lastUsedAt: string | null;
  firstSeenAt: string;
  isStale: boolean;
}

/** Ways of one host, account or person, counted. */
export interface FleetGroup {
  /** A host's id, an account's name, a person's id or "nobody". */
  key: string;
  name: string;
  ways: number;
  hosts: number;
  accounts: number;
  root: number;
  single: number;
  password: number;
  lastUsedAt: string | null;
  /** A person who has left. */
  hasLeft: boolean;
  /** The first of its ways, when the group is open; null when it is not. */
  rows: FleetPathRow[] | null;
}

/** What stands between the list and the whole truth, in hosts. */
export interface FleetCoverage {
  /** That are managed or could be. */
  hosts: number;
  neverRead: number;
  refused: number;
  stale: number;
  /** More ways than are kept, or none that could be told. */
  incomplete: number;
  /** Hosts of which no way is listed, by name, at most ten. */
  names: string[];
}

export interface FleetAccessView {
  /** Null when grouped. */
  rows: FleetPathRow[] | null;
  /** Null when not grouped. */
  groups: FleetGroup[] | null;
  /** What the pages count: ways, or groups. */
  listed: number;
  /** Ways that fit, and all. */
  total: number;
  all: number;
  traits: Record<"root" | "password" | "unowned" | "unused" | "uncertain" | "stale", number>;
  factors: { one: number; more: number };
  methods: { methods: string; count: number }[];
  tags: { tag: string; count: number }[];
  /** People who own keys. */
  people: { id: string; name: string }[];
  coverage: FleetCoverage;
  page: number;
  perPage: number;
}

/** One way, with everything that explains it. */
export interface FleetPathDetail {
  hostId: string;
  hostName: string;
  id: string;
  uid: number;
  view: AccessPathView;
  /** Whose keys these are: by fingerprint, for each key of the way. */
  owners: Record<string, { id: string; name: string; hasLeft: boolean }>;
  /** Files of the way's lines that can be opened in the host's editor. */
  editable: string[];
  firstSeenAt: string;
  readAt: string | null;
  isStale: boolean;
  loginsSince: string | null;
}

/** A finding of one host, as a row of a list. */
export interface FindingRow extends AccessFindingView {
  hostId: string;
  hostName: string;
  id: string;
  firstSeenAt: string;
  /** The file of its source can be opened in the host's editor. */
  isEditable: boolean;
}

export interface FindingListView {
  rows: FindingRow[];
  /** What fits, and all. */
  total: number;
  all: number;
  /** By kind, over everything but the kind that is chosen, the worst first. */
  kinds: { code: string; severity: "high" | "medium" | "low"; count: number; hosts: number }[];
  coverage: FleetCoverage;
  page: number;
  perPage: number;
}

/** What is open to somebody on one host, from where he is and then. */
export interface WhatIfHost {
  hostId: string;
  hostName: string;
  readAt: string | null;
  isStale: boolean;
  /** Why nothing can be told; null when it can. */
  obstacle: string | null;
  open: AccessPathView[];
  /** Of a person: ways that take no key of a file. Whoever has what they take is in. */
  keyless: AccessPathView[];
  /** Accounts that stay shut, and why; the first of them. */
  shut: { account: string; why: ReasonView[] }[];
  shutCount: number;
}

export interface WhatIfView {
  people: { id: string; name: string }[];
  /** Null while no address is given. */
  answer: {
    /** What is wrong with the question; null when it was answered. */
    problem: string | null;
    /** The moment of the question. */
    at: string;
    personName: string | null;
    hosts: WhatIfHost[];
    /** Hosts that were asked about, and that would have been but for the cap. */
    asked: number;
    candidates: number;
  } | null;
}

export interface HostFindingsView {
  /** The first ones, the worst first. */
  rows: FindingRow[];
  total: number;
}
