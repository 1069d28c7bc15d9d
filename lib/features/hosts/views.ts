import type { ChangeState } from "@/lib/change/machine";

/** Everything here that a host said (names, versions, reasons) is untrusted text: show it, never interpret it. */

export type HostCondition = "enrolling" | "ready" | "unreachable" | "key_changed" | "archived" | "unknown";

export interface HostRow {
  id: string;
  name: string;
  address: string;
  port: number;
  tags: string[];
  condition: HostCondition;
  unreachableReason: string | null;
  seenAt: string | null;
  sshdVersion: string | null;
  osName: string | null;
  agentVersion: string | null;
  /** The agent on the host is not the one this version ships. */
  agentOutdated: boolean;
  drifted: boolean;
  pendingChange: { id: string; state: ChangeState; rollbackAt: string | null } | null;
}

export interface HostListView {
  rows: HostRow[];
  /** Matching the filter. */
  total: number;
  /** In all, archived ones left out. */
  all: number;
  counts: Record<"managed" | "enrolling" | "unreachable" | "key_changed" | "drifted" | "archived", number>;
  tags: { tag: string; count: number }[];
  page: number;
  perPage: number;
}

export interface HostKeyView {
  type: string;
  fingerprint: string;
  origin: string;
  at: string;
}

export interface HostFactsView {
  os: string;
  kernel: string;
  architecture: string;
  hostname: string;
  init: "systemd" | "sysv" | "none";
  /** How sshd is started. */
  sshdUnit: "service" | "socket" | "none";
  sshdVersion: string;
  sshdPackage: string;
  sshPackage: string;
  listen: string[];
  clockOffsetSeconds: number;
  agentVersion: string;
  agentSha256: string;
  originalKept: boolean;
  readAt: string;
}

export interface EnrolmentView {
  id: string;
  way: "command" | "login";
  state: "waiting" | "connecting" | "compare" | "installing" | "done" | "failed";
  expiresAt: string;
  error: string | null;
  log: string;
  offeredKeys: { type: string; fingerprint: string }[];
  /** False until the worker has made the host's management key; the command can be asked for when true. */
  commandReady: boolean;
}

export interface OperationView {
  id: string;
  kind: string;
  state: "queued" | "running" | "done" | "failed";
  title: string;
  output: string;
  error: string | null;
  actorName: string;
  createdAt: string;
  endedAt: string | null;
}

export interface HostView extends HostRow {
  note: string;
  createdAt: string;
  managementFingerprint: string | null;
  pins: HostKeyView[];
  /** What the host offered instead of the pin. */
  offered: HostKeyView[];
  facts: HostFactsView | null;
  enrolment: EnrolmentView | null;
  operations: OperationView[];
  openDrafts: number;
}

/** The one-time install command: shown once, never readable again. */
export interface InstallCommandView {
  enrolmentId: string;
  command: string;
  expiresAt: string;
}

export interface ImportPreviewView {
  hosts: {
    name: string;
    address: string;
    port: number;
    tags: string[];
    /** "new", or why it is left out. */
    verdict: "new" | "exists" | "invalid" | "duplicate";
    reason: string | null;
    line: number;
  }[];
  skipped: { line: number; text: string; reason: string }[];
}

export interface AccountView {
  name: string;
  uid: number;
  shell: string;
  home: string;
  locked: "password" | "locked" | "no password" | "none usable";
}

export interface HostAccountsView {
  /** As the host last told them; empty before the first reading. */
  accounts: AccountView[];
  readAt: string | null;
  /** The newest reading: `queued` and `running` mean that newer figures are on their way. */
  reading: OperationView | null;
}
