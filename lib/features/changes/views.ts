import type { ChangeState } from "@/lib/change/machine";
import type { PlanRuleView } from "@/lib/features/access-rules/views";
import type { SshdTestView } from "@/lib/features/config/views";

export interface ChangeRow {
  id: string;
  hostId: string;
  hostName: string;
  path: string;
  state: ChangeState;
  outcome: string | null;
  message: string;
  authorName: string;
  createdAt: string;
  endedAt: string | null;
  rollbackAt: string | null;
  addedLines: number;
  removedLines: number;
}

export interface ChangeListView {
  rows: ChangeRow[];
  total: number;
  page: number;
  perPage: number;
  pending: number;
}

/** One keyword whose effective value changes, for one connection, by the host's own `sshd -T`. */
export interface EffectiveDifference {
  /** "everyone" or "account gatehouse" … */
  for: string;
  keyword: string;
  before: string[];
  after: string[];
}

/** Somebody whose way into an account is another one after the change. */
export interface AccessChangeView {
  account: string;
  /** Null: a key that nobody owns, or no key at all. */
  person: string | null;
  /** The key, where the way needs one: "SHA256:…". */
  fingerprint: string | null;
  comment: string | null;
  /** "publickey", "publickey,password". */
  methods: string;
  /** "2 factors", "10.0.0.0/8", where it is that what changes. */
  before: string | null;
  after: string | null;
  /** What decides, with "path:line"; no source: built into sshd. */
  why: { text: string; source: string | null }[];
}

/** The first rows, and how many there are. */
export interface AccessChangeList {
  total: number;
  rows: AccessChangeView[];
}

/** Who gains and who loses by the change, by what was last read on the host. */
export interface PlanAccessView {
  /** Why it is not known, in a sentence; the lists are empty then. */
  obstacle: string | null;
  /** When the host was last asked who can log in; null: never. */
  readAt: string | null;
  isStale: boolean;
  /** False: some way depends on what only the host can judge, or the reading is not whole. */
  isCertain: boolean;
  gains: AccessChangeList;
  loses: AccessChangeList;
  /** Fewer factors are enough than before. */
  weakened: AccessChangeList;
  strengthened: AccessChangeList;
  /** Gained or lost addresses from which they come. */
  moved: AccessChangeList;
  /** Accounts that can be logged in to today, and have no way in afterwards: their loss is confirmed by name. */
  shutOut: { total: number; accounts: string[] };
  /** Accounts that keep only ways of which nobody but the host can tell whether they are open. */
  doubtful: { total: number; accounts: string[] };
}

export interface ChangePlanView {
  test: SshdTestView;
  effective: EffectiveDifference[];
  /** By the host's own `sshd -T` for the management account. */
  management: {
    getsIn: boolean;
    /** What stands in the way, when it does not get in. */
    reasons: string[];
    /** What may stand in the way and cannot be told from `sshd -T`; the fresh login tells. */
    doubts: string[];
  };
  /** Directives that the change touches, with their risk class. */
  touches: { keyword: string; risk: "execute" | "access" | "network" | "crypto" | "session" | "log" }[];
  /** It touches what can keep people out while our own login succeeds (lib/sshd-config/login-risk.ts). */
  needsPerson: boolean;
  /** Directives of the risk class "execute", which need an owner or admin. */
  needsExecutePermission: boolean;
  /** Null: planned before this was judged, or the viewer may not read access. */
  access: PlanAccessView | null;
  /** Rules about access that it breaks, leaves broken or mends; null: as for `access`. */
  rules: PlanRuleView[] | null;
  readAt: string;
}

export interface ChangeStepView {
  id: string;
  at: string;
  kind: string;
  text: string;
  detail: Record<string, unknown> | null;
}

export interface ChangeView extends ChangeRow {
  /** "keys": of an authorized_keys file of `account`. */
  kind: "config" | "keys";
  account: string | null;
  hostAddress: string;
  baseContent: string;
  content: string;
  baseSha256: string;
  newSha256: string;
  keepBy: "login" | "person";
  deadlineSeconds: number;
  overridePrecheck: boolean;
  plan: ChangePlanView | null;
  planError: string | null;
  provedAt: string | null;
  appliedAt: string | null;
  /** Server's clock now, so that a browser with a wrong clock counts down rightly. */
  now: string;
  proof: { loginAt: string; generation: string; liveSha256: string; address: string; hostKey: string } | null;
  steps: ChangeStepView[];
  canApply: boolean;
  canKeep: boolean;
  canRollBack: boolean;
  canOverride: boolean;
}
