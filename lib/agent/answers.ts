import { z } from "zod";

/** Shapes of the agent's answers. All of it is text of a host: bounded here, shown as text everywhere. */

const Text = z.string().max(1024);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
/** Seconds, perhaps with a fraction, as /proc/uptime has them. */
const Seconds = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,9})?$/)
  .transform(Number);
const Flag = z.enum(["0", "1"]).transform((text) => text === "1");

export const agentStates = [
  "idle",
  "prepared",
  "armed",
  "applied",
  "rolling",
  "confirmed",
  "rolled-back",
] as const;
export const AgentState = z.enum(agentStates);
export type AgentState = z.output<typeof AgentState>;

export const HelloHeaders = z.object({
  "agent.version": Text,
  "agent.sha256": Sha256,
  protocol: Text,
  "boot.id": Text,
  uptime: Seconds,
  clock: Seconds,
  "os.id": Text,
  "os.version": Text,
  "os.name": Text,
  kernel: Text,
  arch: Text,
  hostname: Text,
  init: z.enum(["systemd", "sysv", "none"]),
  "sshd.unit": z.enum(["service", "socket", "none"]),
  "sshd.version": Text,
  "sshd.package": Text,
  "ssh.package": Text,
  "tx.state": AgentState,
  "tx.id": Text.default(""),
  "tx.left": Text.default(""),
  original: z.enum(["present", "absent"]),
});

/** What a host says of itself. */
export interface Hello {
  agentVersion: string;
  agentSha256: string;
  bootId: string;
  uptimeSeconds: number;
  /** The host's clock, in seconds of Unix time. */
  clockSeconds: number;
  osId: string;
  osVersion: string;
  osName: string;
  kernel: string;
  architecture: string;
  hostname: string;
  init: "systemd" | "sysv" | "none";
  sshdUnit: "service" | "socket" | "none";
  sshdVersion: string;
  sshdPackage: string;
  sshPackage: string;
  /** "0.0.0.0:22" and the like. */
  listen: string[];
  /** Public key lines; parse them with lib/openssh-keys. */
  hostKeys: string[];
  transaction: { state: AgentState; id: string; left: string };
  originalKept: boolean;
}

export const FileHeaders = z.object({
  path: z.string().min(1).max(4096),
  id: Sha256,
  sha256: Sha256,
  bytes: Count,
  mode: z.string().regex(/^[0-7]{3,5}$/),
  owner: Text,
  group: Text,
  depth: Count,
  from: Text.default(""),
  original: z.union([Sha256, z.literal(""), z.literal("absent")]).default(""),
});

/** One file of the sshd configuration, in sshd's reading order. */
export interface AgentFile {
  path: string;
  /** SHA-256 of the path: the name of the file on the wire. */
  id: string;
  sha256: string;
  mode: string;
  owner: string;
  group: string;
  depth: number;
  /** "path:line" of the Include that reads it; null for the main file. */
  includedFrom: string | null;
  /** Of the protected copy made at first contact; null when there is none. */
  originalSha256: string | null;
  content: Buffer;
}

export const KeptHeaders = z.object({ kept: Flag });

export const ApplyHeaders = z.object({
  nonce: z.string().min(16).max(256),
  deadline: Seconds,
  uptime: Seconds,
  "boot.id": Text,
  generation: Text.default(""),
});

export interface Applied {
  /** Proves to `confirm` that we got this answer. */
  nonce: string;
  /** In the host's uptime, seconds. */
  deadlineUptimeSeconds: number;
  uptimeSeconds: number;
  bootId: string;
  generation: string;
}

export const ConfirmHeaders = z.object({ already: Flag.default(false) });

export const StatusHeaders = z.object({
  state: AgentState,
  id: Text.default(""),
  left: Text.default(""),
  "live.sha256": Text.default(""),
  verdict: Text.default(""),
  reason: Text.default(""),
  restored: z.enum(["0", "1", ""]).default(""),
});

export interface AgentStatus {
  state: AgentState;
  id: string;
  /** Seconds until the host rolls back by itself; null when nothing is open. */
  secondsLeft: number | null;
  liveSha256: string;
  /** How the transaction ended, and why, in the agent's words. */
  verdict: string;
  reason: string;
  /** Of a change that was rolled back: whether the old file was seen in its place; null when nobody looked. */
  isRestored: boolean | null;
}

/** Packages that the agent installs and upgrades. */
export const managedPackages = ["openssh-server", "openssh-client", "libpam-google-authenticator"] as const;
export type ManagedPackage = (typeof managedPackages)[number];

export const CodesHeaders = z.object({ path: z.string().max(4096), already: Flag });

export const CodeHeaders = z.object({
  code: z
    .string()
    .regex(/^-?\d{1,5}$/)
    .transform(Number),
});

/** One `-T` dump. */
export interface EffectiveDump {
  code: number;
  text: string;
}

export interface CheckResult {
  /** `sshd -t` on the whole tree with the change: exit code and what it said. */
  testCode: number;
  testText: string;
  /** What the host says of the management account; undefined: an older agent, or it was not asked about it. */
  own?: OwnAccount;
  /** One a spec, in the order asked. */
  effective: { before: EffectiveDump; after: EffectiveDump }[];
}

/** What decides about the management account and stands in no dump. */
export interface OwnAccount {
  /** The primary one first. */
  groups: string[];
  /** The file with our key that is read after the change; null: no AuthorizedKeysFile pattern leads to one. */
  keyFile: string | null;
}

export const CheckHeaders = z.object({
  "t.code": Count,
  "t.bytes": Count,
  "own.groups": z.string().max(16_384).optional(),
  "own.key": z.string().max(4096).optional(),
});

/** A line of `accounts`: name:uid:gid:shell:home:lock */
export const AccountLine = z
  .string()
  .regex(/^[^:]{1,256}:\d{1,10}:\d{1,10}:[^:]{0,1024}:[^:]{0,1024}:[PL*!]$/);

export interface AgentAccount {
  name: string;
  uid: number;
  gid: number;
  shell: string;
  home: string;
  /** P a password, L none needed, * none usable, ! locked. */
  lock: "P" | "L" | "*" | "!";
}
