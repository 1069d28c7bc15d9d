import type { KeyOptionsInput } from "@/lib/features/placements/key-options";

/** A key that stands in a key file, by the last reading. */
export interface PlacedKeyView {
  line: number;
  /** Names the line's bytes: a plan to remove it touches no other. */
  sha256: string;
  fingerprint: string;
  type: string;
  /** A host's words. */
  comment: string;
  options: string;
  isAuthority: boolean;
  /** Null: nobody here has shown that it is theirs. */
  ownerName: string | null;
  keyName: string | null;
  /**
   * "wanted": a grant asks for it. "unwanted": it is somebody's who has left, or whose grant has ended, or who took the
   * key out. "other": neither; nothing is ever proposed for it.
   */
  standing: "wanted" | "unwanted" | "other";
  /** Why it is unwanted, or how it differs from what is wanted; null otherwise. */
  remark: string | null;
  /** Where a grant asks for other options than it has: the key with those. */
  otherwise: { keyId: string; options: KeyOptionsInput } | null;
  /** The key with which Gatehouse comes in. */
  isManagement: boolean;
}

export interface PlacedFileView {
  path: string;
  exists: boolean;
  /** Why sshd passes over it. */
  refused: string | null;
  keys: PlacedKeyView[];
}

/** A key that a grant asks for and that stands in no file of the account. */
export interface MissingKeyView {
  keyId: string;
  keyName: string;
  fingerprint: string;
  personName: string;
  options: KeyOptionsInput;
  optionsText: string;
}

export interface KeyAccountView {
  name: string;
  uid: number;
  /** False: a grant names it, and the host has no such account. */
  exists: boolean;
  files: PlacedFileView[];
  missing: MissingKeyView[];
  grants: GrantView[];
}

export interface GrantView {
  id: string;
  personName: string;
  account: string;
  tag: string | null;
  optionsText: string;
  endsAt: string | null;
  note: string;
  keys: number;
}

/** Somebody whose keys may be placed. */
export interface KeyHolderView {
  id: string;
  name: string;
  keys: { id: string; name: string; type: string; fingerprint: string }[];
}

/** The keys of a host's accounts: wanted, and observed. */
export interface HostKeysView {
  hostId: string;
  hostName: string;
  readAt: string | null;
  isStale: boolean;
  /** Why nothing can be told, in a sentence. */
  obstacle: string | null;
  accounts: KeyAccountView[];
  /** Accounts that are left out: no key stands there, none is wanted, and nobody logs in to them. */
  others: number;
  people: KeyHolderView[];
  /** sshd looks into files that only root can edit: for every account, for some, or for none. */
  rootFiles: "all" | "some" | "none";
  /** Of the host: a grant may be for all hosts with one of them. */
  tags: string[];
  /** Why the host must not be asked now; null when it may. */
  hostObstacle: string | null;
  canPlan: boolean;
  canGrant: boolean;
}
