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

/** How somebody who can log in to an account is asked, once a change of the second factor is in force. */
export interface AskedAccountView {
  account: string;
  /** Whose keys open it, as far as they are known. */
  persons: string[];
  /** Methods before and after, each way once: "publickey", "publickey,keyboard-interactive". Empty: no way in. */
  before: string[];
  after: string[];
  /** What it comes to after the change. "code-later": by key alone until it has a secret. */
  asked: "code" | "code-later" | "security-key" | "key" | "other" | "nothing";
  secret: "good" | "broken" | "none";
  /** The reason on record for letting it in by key alone. */
  exception: string | null;
}

/** The part of a plan that is about the second factor. */
export interface TwoFactorPlanView {
  from: "off" | "optional" | "required";
  step: "off" | "optional" | "required";
  /** Each refuses the change. */
  problems: { account: string | null; text: string }[];
  accounts: { total: number; rows: AskedAccountView[] };
  /** "login": kept only after the host has seen one of `accounts` log in through key and code. */
  proof: { kind: "login"; accounts: string[] } | { kind: "person"; why: string };
}

/** How far a host asks for a second factor now, and what may be planned. */
export interface EnforcementView {
  hostId: string;
  hostName: string;
  /** When the host was last asked; null: never. */
  readAt: string | null;
  step: "off" | "optional" | "required";
  /** PAM has the step, but our lines are gone from sshd's configuration: nobody has to show a code. */
  isUndone: boolean;
  /** PAM asks for codes by lines that Gatehouse did not write. */
  isForeign: boolean;
  /** The kept change that made it so; null where there is none. */
  since: { changeId: string; at: string; by: string } | null;
  /** What was asked for then. */
  recipe: {
    exceptions: { account: string; reason: string; byName: string }[];
    keyOnlyGroups: string[];
    securityKeyGroups: string[];
  };
  /** Groups with one of them as a member. */
  groups: { name: string; members: string[] }[];
  /** A change of the second factor that is planned or under way. */
  open: { changeId: string; message: string; isPlanned: boolean } | null;
  obstacle: string | null;
  canEnforce: boolean;
}

/** A login through the whole path, as the host's own records tell it. */
export interface WitnessView {
  account: string;
  /** By the host's clock. */
  at: string;
  method: string;
  address: string | null;
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
  /** Of a change of the second factor; null for every other. */
  twoFactor: TwoFactorPlanView | null;
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
  /** "keys": of an authorized_keys file of `account`. "two-factor": of sshd's main file and its PAM file together. */
  kind: "config" | "keys" | "two-factor";
  /** The PAM file before and after, where the change writes it. */
  pam: { path: string; baseContent: string; content: string } | null;
  /** Kind "two-factor": the login that the host saw while the change was open. */
  witness: WitnessView | null;
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
  /** A kept change of keys: a change that undoes it can be made. */
  canPutBack: boolean;
}
