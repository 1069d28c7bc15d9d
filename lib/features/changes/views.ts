import type { ChangeState } from "@/lib/change/machine";
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
