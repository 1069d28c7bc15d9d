import type { Decision, ReviewScope } from "@/lib/features/access-reviews/schema";

/** A host's address in the product, while the host is there. */
interface HostName {
  hostId: string;
  hostName: string;
}

export interface ReviewCounts {
  items: number;
  undecided: number;
  confirmed: number;
  revoked: number;
  /** Revoked, and not known to be gone. */
  revokedOpen: number;
}

/** One campaign in a list. */
export interface ReviewRow {
  id: string;
  name: string;
  scope: ReviewScope;
  accounts: string[];
  hosts: number;
  openedAt: string;
  openedByName: string;
  dueAt: string;
  closedAt: string | null;
  closedByName: string | null;
  isOverdue: boolean;
  counts: ReviewCounts;
  reviewers: string[];
  /** Undecided ways that the viewer decides about. */
  mine: number;
}

export interface ReviewListView {
  rows: ReviewRow[];
  /** Revoked ways of all campaigns that are not known to be gone. */
  revokedOpen: number;
}

/** What waits for the viewer as a reviewer. */
export interface MyReview {
  id: string;
  name: string;
  dueAt: string;
  isOverdue: boolean;
  undecided: number;
  mine: number;
}

/** Where a revoked way stands, by the last reading of its host. Never more than a reading proves. */
export interface RevocationView {
  /** "waiting": not read since; "there": still open; "gone": a reading proved it; "doubt": the last reading proves nothing. */
  state: "waiting" | "there" | "gone" | "doubt";
  /** The same key or method opens the account still, in another way than the one that was revoked. */
  isChanged: boolean;
  /** The reading that showed it there or gone. */
  at: string | null;
  /** It had been gone, and was there again. */
  backAt: string | null;
  doubt: string | null;
}

/** What ends a way, exactly. */
export interface FixView {
  /** One sentence, with file and line. */
  text: string;
  /** "path:line" of the line to remove or edit; null: no single line does it. */
  source: string | null;
  /** A page where it is done, or prepared. */
  link: { href: string; label: string } | null;
}

export interface ReviewItemView extends HostName {
  number: number;
  version: number;
  account: string;
  uid: number;
  fingerprint: string | null;
  keyType: string | null;
  comment: string | null;
  methods: string;
  factors: number;
  isCertain: boolean;
  from: string[];
  forcedCommand: string | null;
  limits: string[];
  lastUsedAt: string | null;
  firstSeenAt: string;
  personId: string | null;
  personName: string | null;
  why: { text: string; source: string | null }[];
  dependsOn: string[];
  decision: Decision | null;
  reason: string;
  decidedByName: string | null;
  decidedAt: string | null;
  /** Whether the viewer decides about it. */
  isMine: boolean;
  /** The person whose way it is decided himself. */
  isOwnDecision: boolean;
  revocation: RevocationView | null;
  /** For a revoked way that is not gone. */
  fix: FixView | null;
}

export interface ReviewHostView extends HostName {
  readAt: string | null;
  gap: string | null;
  ways: number;
  undecided: number;
  reviewers: string[];
}

/** A campaign with one page of its ways. */
export interface ReviewView extends ReviewRow {
  snapshotSha256: string;
  evidenceSha256: string | null;
  closeReason: string | null;
  hostRows: ReviewHostView[];
  people: { id: string; name: string }[];
  /** Ways that fit the filter, and of them those that the viewer could decide at once. */
  fitting: number;
  fittingMine: number;
  page: number;
  perPage: number;
  rows: ReviewItemView[];
}

export interface ReviewPreview {
  hosts: number;
  ways: number;
  /** Names of hosts of which nothing, or not everything, is known. */
  gaps: { hostName: string; gap: string }[];
  mostItems: number;
}

export interface ReviewChoices {
  people: { id: string; name: string; role: string }[];
  hosts: { id: string; name: string; tags: string[] }[];
  tags: string[];
  /** "2026-12-07", two weeks from now: when a campaign is due unless somebody says otherwise. */
  dueDay: string;
}

/** One revoked way as a to-do. */
export interface RevocationRow extends ReviewItemView {
  reviewId: string;
  reviewName: string;
  revokedAt: string;
}

export interface RevocationListView {
  rows: RevocationRow[];
  total: number;
  open: number;
  gone: number;
  page: number;
  perPage: number;
}

/** One side of a difference: a way, as it was reviewed or as it is now. */
export interface DriftSide {
  account: string;
  fingerprint: string | null;
  comment: string | null;
  personName: string | null;
  methods: string;
  factors: number;
  from: string[];
  forcedCommand: string | null;
  limits: string[];
}

export interface DriftRow extends HostName {
  kind: "appeared" | "vanished" | "changed";
  /** Null: it appeared. */
  before: DriftSide | null;
  /** Null: it vanished. */
  after: DriftSide | null;
  /** What is different, one sentence each. */
  differences: string[];
  /** Easier to get in than what was reviewed: new, fewer factors, more addresses, fewer limits. */
  isLooser: boolean;
  /** The way was first seen at; of what vanished, the host's last reading. */
  at: string | null;
  reviewId: string;
  reviewName: string;
  /** What was decided about it; null: undecided, or it appeared since. */
  decision: Decision | null;
}

export interface DriftView {
  rows: DriftRow[];
  total: number;
  counts: { appeared: number; vanished: number; changed: number; looser: number };
  /** Hosts that a closed review covers, and those that none does. */
  reviewedHosts: number;
  neverReviewed: number;
  /** Hosts of which nothing can be told now, with the reason. */
  untold: { hostId: string; hostName: string; reason: string }[];
  /** More differences than are counted: the rest is left out. */
  isCut: boolean;
  page: number;
  perPage: number;
}

export interface HostDriftView {
  /** The last closed review that covers the host; null: none does. */
  review: { id: string; name: string; closedAt: string } | null;
  appeared: number;
  vanished: number;
  changed: number;
  looser: number;
  untold: string | null;
  /** Revoked ways of this host that are not known to be gone. */
  revokedOpen: number;
}
