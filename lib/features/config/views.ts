export interface ConfigFileView {
  id: string;
  path: string;
  position: number;
  /** "path:line" of the Include that reads it. */
  includedFrom: string | null;
  mode: string;
  owner: string;
  group: string;
  sha256: string;
  content: string;
  readAt: string;
  gone: boolean;
  originalKept: boolean;
  /** Why it can be looked at but not edited here, or null. */
  notEditable: string | null;
  draft: { content: string; baseSha256: string; updatedAt: string; stale: boolean } | null;
  /** Drafts of other people on the same file. */
  otherDrafts: { personName: string; updatedAt: string }[];
  versionCount: number;
}

export interface HostConfigView {
  hostId: string;
  hostName: string;
  /** Raw version text of the host's sshd; the build is found by lib/sshd-config. */
  sshdVersion: string | null;
  sshdPackage: string | null;
  /** How sshd is started; null until the host has told. */
  sshdUnit: "service" | "socket" | "none" | null;
  readAt: string | null;
  files: ConfigFileView[];
  canEdit: boolean;
  canApply: boolean;
  pendingChangeId: string | null;
  /** Why nothing can be read or applied now, or null. */
  obstacle: string | null;
}

export interface ConfigVersionView {
  id: string;
  number: number;
  sha256: string;
  origin: "original" | "found" | "change";
  changeId: string | null;
  changeMessage: string | null;
  authorName: string | null;
  createdAt: string;
  current: boolean;
}

/** One version with its text, as a person sees it. */
export interface ConfigVersionDetailView extends ConfigVersionView {
  fileId: string;
  path: string;
  hostId: string;
  hostName: string;
  content: string;
}

export interface ConfigHistoryView {
  hostId: string;
  hostName: string;
  files: { id: string; path: string; versions: ConfigVersionView[] }[];
}

/** `sshd -t` as the host answered it. */
export interface SshdTestView {
  code: number;
  lines: { text: string; path: string | null; line: number | null }[];
}
