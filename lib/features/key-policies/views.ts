import type { KeyDemand } from "@/lib/access/key-policy";
import type { ChangeState } from "@/lib/change/machine";

/** A policy: what is demanded where, and of whom it is not. */
export interface KeyPolicyView {
  id: string;
  hostId: string | null;
  hostName: string | null;
  tag: string | null;
  demands: KeyDemand[];
  exceptAccounts: string[];
  note: string;
  version: number;
  /** Hosts that it is about now. */
  hosts: number;
  updatedByName: string;
  updatedAt: string;
}

export interface KeyPolicyListView {
  policies: KeyPolicyView[];
  /** Hosts whose file still holds a block of ours, and of which nothing is demanded any more. */
  leftovers: { hostId: string; hostName: string }[];
  mayWrite: boolean;
  /** What a new policy may be about. */
  tags: string[];
  hosts: { id: string; name: string }[];
}

/** Accounts of which a host demands less than is wanted, for the same reason. */
export interface PolicyOffenceView {
  /** The first ones. */
  accounts: string[];
  /** How many there are. */
  total: number;
  /** Any account that the host does not list itself, such as one of a directory, as well. */
  isOthersToo: boolean;
  from: string[];
  lacks: KeyDemand[];
  /** "path:line"; null: sshd's default. */
  source: string | null;
}

/** How a host's change goes on together with those of the policy's other hosts. */
export type TogetherView =
  /** Planned, and nobody loses his last way in by it. */
  | { step: "apply"; changeId: string; losesWays: number }
  /** Applied and proved; the host undoes it unless a person keeps it. */
  | { step: "keep"; changeId: string }
  /** Planned; it has to be looked at, and applied, by itself. */
  | { step: "alone"; changeId: string; reason: string };

/** What is wanted of keys on a host, and what it demands by the last reading. */
export interface HostPolicyView {
  hostId: string;
  hostName: string;
  /** Null: nothing is demanded there. */
  wanted: string | null;
  /**
   * "met": everybody is asked for what is wanted. "unmet": somebody is asked for less. "unknown": it cannot be told.
   * "unwanted": nothing is demanded, and a block of ours still stands in the file. "none": nothing, and no block.
   */
  state: "met" | "unmet" | "unknown" | "unwanted" | "none";
  /** Why it cannot be told, or why no change can be made of it. */
  obstacle: string | null;
  offences: PolicyOffenceView[];
  /** How many reasons there are; the first ones are shown. */
  total: number;
  /** A block of ours stands in the file and says something else than is wanted now. */
  isBlockOld: boolean;
  readAt: string | null;
  isStale: boolean;
  /** The newest change of the file that has not ended. */
  change: { id: string; state: ChangeState } | null;
  /** Null: there is no change of the policy, or it is on its way. */
  together: TogetherView | null;
  canPlan: boolean;
}

export interface KeyPolicyDetailView extends KeyPolicyView {
  rows: HostPolicyView[];
  /** Names the plans that are to be applied together; sent along, so that no other is. */
  seen: string;
  mayApply: boolean;
  total: number;
  page: number;
  perPage: number;
  mayWrite: boolean;
}
