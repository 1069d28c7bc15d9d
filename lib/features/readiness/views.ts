import type { ReadinessState } from "@/lib/features/readiness/schema";

/** Something that is missing or should be known: a code that does not change, and the words for people. */
export interface ReasonView {
  code: string;
  text: string;
}

/** An account that somebody logs in to, and what it would show if a second factor were required. */
export interface AccountReadinessView {
  account: string;
  uid: number;
  people: { id: string; name: string }[];
  hasKey: boolean;
  factor: "totp" | "hotp" | "security-key" | null;
  /** null: there are no codes. */
  isProved: boolean | null;
  lastUsedAt: string | null;
  scratchCodes: number | null;
  gaps: ReasonView[];
  cautions: ReasonView[];
  exception: { id: string; reason: string; byName: string; until: string } | null;
  state: "ready" | "excepted" | "missing";
}

export interface HostReadinessView {
  hostId: string;
  /** The gate: a second factor may be required. */
  mayRequire: boolean;
  /** What no exception covers. */
  gaps: ReasonView[];
  accounts: AccountReadinessView[];
  ready: number;
  excepted: number;
  missing: number;
  /** Exceptions of accounts that nobody logs in to. */
  idle: { id: string; account: string; reason: string; byName: string; until: string }[];
  canExcept: boolean;
}

/** A host in the list of the fleet. */
export interface FleetReadinessRow {
  hostId: string;
  hostName: string;
  tags: string[];
  state: ReadinessState;
  ready: number;
  excepted: number;
  accounts: number;
  /** The first thing in doubt about the host. */
  doubt: string | null;
  /** Accounts that miss something, the first few. */
  missing: string[];
}

export interface FleetReadinessView {
  rows: FleetReadinessRow[];
  total: number;
  page: number;
  perPage: number;
  counts: Record<ReadinessState, number>;
  tags: string[];
}
