import type { keyProviders } from "@/lib/features/key-imports/schema";

/**
 * What becomes of a key that stands, or stood, at a place.
 *
 * - `new`: the person does not have it here; it may be taken
 * - `known`: he has it here
 * - `taken`: it belongs to somebody else here
 * - `declined`: somebody said that it is not to be taken
 * - `gone`: it stands there no more, and came from there: it may be removed
 * - `kept`: gone there, and to stay here
 * - `gone-own`: gone there, but brought here in another way
 */
export type ImportedKeyState = "new" | "known" | "taken" | "declined" | "gone" | "kept" | "gone-own";

export interface ImportedKeyView {
  fingerprint: string;
  type: string;
  bits: number;
  /** Written by a stranger. */
  comment: string;
  state: ImportedKeyState;
  /** The key here, whether its holder has proved it. */
  isProved: boolean;
  /** Whose it is, when it is `taken` and the viewer may know people. */
  owner: string | null;
  firstSeenAt: string;
  goneAt: string | null;
}

export interface KeyImportView {
  id: string;
  provider: (typeof keyProviders)[number];
  name: string;
  isSubscribed: boolean;
  /** Asked for and not answered yet. */
  isReading: boolean;
  askedAt: string;
  readAt: string | null;
  failedAt: string | null;
  failure: string | null;
  nextReadAt: string | null;
  /** Most of the keys vanished at once; nobody has said yet that this is right. */
  alarmedAt: string | null;
  keys: ImportedKeyView[];
  refusedLines: { number: number; text: string; reason: string }[];
}

export interface KeyImportsView {
  personId: string;
  /** Whether the viewer may add, decide and remove. */
  canWrite: boolean;
  imports: KeyImportView[];
  /** Beginnings that an address must have; none: only the providers. */
  allowed: string[];
}

export interface KeySourcesView {
  canWrite: boolean;
  prefixes: { prefix: string; createdAt: string }[];
}
