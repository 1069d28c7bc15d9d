import type { BatchHostState, BatchKind } from "@/lib/features/key-fleet/schema";

/** A batch in a list. */
export interface BatchRow {
  id: string;
  kind: BatchKind;
  title: string;
  authorName: string;
  createdAt: string;
  confirmedAt: string | null;
  cancelledAt: string | null;
  hosts: number;
  /** Hosts on which it is done, by a reading made after it. */
  done: number;
  /** Hosts that need a person. */
  stuck: number;
}

export interface BatchListView {
  rows: BatchRow[];
  total: number;
  page: number;
  perPage: number;
}

/** A change that a batch has made. */
export interface BatchChangeView {
  id: string;
  account: string;
  path: string;
  state: string;
  addedKeys: number;
  removedLines: number;
}

/** One host's part. */
export interface BatchHostView {
  hostId: string;
  hostName: string;
  state: BatchHostState;
  isConfirmed: boolean;
  reason: string | null;
  /** Why nobody can tell who gains or loses. */
  obstacle: string | null;
  losesWays: number;
  gainsWays: number;
  shutOut: string[];
  updatedAt: string;
  changes: BatchChangeView[];
}

export interface BatchView extends BatchRow {
  personId: string | null;
  personName: string | null;
  confirmedByName: string | null;
  states: { state: BatchHostState; hosts: number }[];
  rows: BatchHostView[];
  total: number;
  page: number;
  perPage: number;
  /** What a confirmation is about. */
  confirmation: {
    /** Names what the page shows; sent along with the confirmation. */
    seen: string;
    /** Hosts with plans that nobody has confirmed. */
    planned: number;
    /** Hosts that are still being read or planned: wait for them. */
    pending: number;
    /** Hosts that cannot be asked now. They follow by themselves. */
    later: number;
    /** Every last way in that would go. */
    losses: { hostName: string; accounts: string[] }[];
    losesWays: number;
    gainsWays: number;
    /** What has to be typed; null where no last way in goes. */
    typed: string | null;
  } | null;
  canConfirm: boolean;
  canCancel: boolean;
  canRetry: boolean;
}

/** A key as it stands on hosts, all its lines together. */
export interface FoundKeyRow {
  fingerprint: string;
  type: string;
  /** A host's words; of the line that is used most. */
  comment: string;
  comments: number;
  lines: number;
  hosts: number;
  accounts: string[];
  accountCount: number;
  /** Lines in root's files. */
  root: number;
  isAuthority: boolean;
  lastUsedAt: string | null;
  firstSeenAt: string;
  owner: { id: string; name: string; isProved: boolean; hasLeft: boolean } | null;
}

export interface FoundKeysView {
  rows: FoundKeyRow[];
  total: number;
  page: number;
  perPage: number;
  counts: { nobody: number; claimed: number; owned: number; left: number };
  types: string[];
  tags: string[];
  /** Who may be said to own a key. */
  people: { id: string; name: string }[];
  canPlan: boolean;
  canAdopt: boolean;
  canExpire: boolean;
}

/** Where a key stands. */
export interface KeyPlaceRow {
  hostId: string;
  hostName: string;
  account: string;
  path: string;
  line: number;
  options: string;
  comment: string;
  isAuthority: boolean;
  /** sshd passes over the file. */
  isRefused: boolean;
  lastUsedAt: string | null;
  firstSeenAt: string;
}

export interface FoundKeyView extends FoundKeyRow {
  places: KeyPlaceRow[];
  total: number;
  page: number;
  perPage: number;
  people: { id: string; name: string }[];
  canPlan: boolean;
  canAdopt: boolean;
  canExpire: boolean;
}

/** What goes with a person who leaves. */
export interface LeavingView {
  personId: string;
  name: string;
  login: string;
  isDisabled: boolean;
  keys: {
    keyId: string;
    name: string;
    fingerprint: string;
    isProved: boolean;
    hosts: number;
    lines: number;
  }[];
  grants: number;
  sessions: number;
  /** One-time codes that hosts have, or may have: they go, too. */
  codes: { id: string; hostId: string; hostName: string; account: string; failure: string | null }[];
  /** Hosts that will be read: every one that is not archived. */
  hosts: number;
  unreachable: string[];
  /** Accounts that only this person can log in to, by the last readings. */
  alone: { hostId: string; hostName: string; account: string; isRoot: boolean }[];
  aloneCount: number;
  /** The last offboarding, when there was one. */
  batchId: string | null;
  /** Why it cannot be done by the viewer; null when it can. */
  obstacle: string | null;
}

/** An account that one's own key opens, by the last reading of its host. */
export interface KeyUseRow {
  fingerprint: string;
  keyName: string;
  hostName: string;
  account: string;
  lastUsedAt: string | null;
  /** Every way asks for more than this key. */
  needsMore: boolean;
  /** Runs instead of what one asks for, whichever way one takes. */
  forcedCommand: string | null;
  expiresAt: string | null;
}

export interface KeyUsesView {
  uses: KeyUseRow[];
  total: number;
  /** Where a grant wants one's keys, and none stands yet. */
  notPlaced: { hostName: string; account: string }[];
}
