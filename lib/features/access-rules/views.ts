import type { Assertion } from "@/lib/access/assertions/assertion";

export type RuleState = "holds" | "broken" | "unclear";
export type RuleSeverity = "block" | "warn";

/** What breaks a rule on a host, or may break it. */
export interface RuleOffenceView {
  /** Null: a way is missing. */
  account: string | null;
  person: string | null;
  fingerprint: string | null;
  comment: string | null;
  /** In their order. */
  methods: string[];
  /** The addresses at which it offends, or from which the way is missing. */
  from: string[];
  /** The host's own address, where the way is not open at all of them. */
  to: string | null;
  /** Parts of sentences: "one factor is enough". */
  reasons: string[];
  /** What only the host can tell; empty: certain. */
  dependsOn: string[];
  /** The lines that open the way. */
  why: { text: string; source: string | null }[];
}

/** A rule, held against one host. */
export interface RuleAnswerView {
  state: RuleState;
  /** How many offences there are; the first ones follow. */
  total: number;
  offences: RuleOffenceView[];
  /** Why what was read cannot be relied upon. */
  doubts: string[];
}

/** Hosts that a rule is about, by what it came to there. */
export interface RuleCounts {
  holds: number;
  broken: number;
  unclear: number;
  /** Not read yet, or not checked since the rule is as it is. */
  waiting: number;
}

export interface RuleRow {
  id: string;
  name: string;
  /** Without a full stop. */
  sentence: string;
  severity: RuleSeverity;
  isEnabled: boolean;
  counts: RuleCounts;
  updatedAt: string;
  /** True: what is stored is none that this version understands. It is not checked. */
  isUnreadable: boolean;
}

export interface RuleListView {
  rules: RuleRow[];
  mayWrite: boolean;
}

export interface RuleHostRow {
  hostId: string;
  hostName: string;
  /** Null: waits to be read or checked. */
  answer: RuleAnswerView | null;
  since: string | null;
  checkedAt: string | null;
  /** When the host was last read; null: never. */
  readAt: string | null;
  isStale: boolean;
}

export interface RuleView extends RuleRow {
  reason: string;
  version: number;
  /** Null: what is stored is none that this version understands. */
  assertion: Assertion | null;
  authorName: string;
  createdAt: string;
  updatedByName: string;
  hosts: RuleHostRow[];
  /** Hosts that fit the filter. */
  total: number;
  page: number;
  perPage: number;
  mayWrite: boolean;
}

/** A rule that does not hold on a host, for strips and overviews. */
export interface BrokenRuleView {
  ruleId: string;
  name: string;
  sentence: string;
  severity: RuleSeverity;
  state: "broken" | "unclear";
  since: string;
}

/** What the rules of a fleet come to, for the overview. */
export interface RulesSummaryView {
  /** Rules with at least one host where they are broken, the most hosts first. */
  broken: { ruleId: string; name: string; sentence: string; severity: RuleSeverity; hosts: number }[];
  /** Rules with at least one host where it cannot be told, and none where they are broken. */
  unclear: number;
  rules: number;
}

/** What the form of a rule offers to choose from. */
export interface RuleFormView {
  people: { id: string; name: string; login: string; hasKey: boolean; hasLeft: boolean }[];
  tags: string[];
  hosts: { name: string; tags: string[] }[];
}

/** What a rule that is not saved yet would come to. */
export interface TriedRuleView {
  sentence: string;
  counts: RuleCounts;
  /** Hosts that it is about, and were not looked at because there are many. */
  left: number;
  /** Hosts on which it does not hold, broken ones first. */
  hosts: { hostId: string; hostName: string; answer: RuleAnswerView }[];
}

/** What a planned change does to a rule. */
export interface PlanRuleView {
  ruleId: string;
  name: string;
  sentence: string;
  severity: RuleSeverity;
  /**
   * breaks: held, or was broken less · doubts: it can no longer be told · unknown: cannot be judged at all ·
   * stays-broken, stays-unclear: as before · mends: holds now and did not.
   */
  effect: "breaks" | "doubts" | "unknown" | "stays-broken" | "stays-unclear" | "mends";
  /** The change is refused for it. */
  isBlocking: boolean;
  /** Of the offences that the change adds, or for what stays of those that there are. */
  total: number;
  offences: RuleOffenceView[];
  /** Why it cannot be judged, for `unknown`. */
  obstacle: string | null;
}
