import type { z } from "zod";
import {
  type AgentAccount,
  type AgentFile,
  type AgentStatus,
  type Applied,
  ApplyHeaders,
  CheckHeaders,
  type CheckResult,
  CodeHeaders,
  CodesHeaders,
  ConfirmHeaders,
  type Hello,
  KeptHeaders,
  type ManagedPackage,
  StatusHeaders,
} from "@/lib/agent/answers";
import { AgentError } from "@/lib/agent/errors";
import { readAccounts, readCheck, readFiles, readHello } from "@/lib/agent/read-answer";
import { type HostCodes, readCodes } from "@/lib/agent/read-codes";
import { type FactsReading, type RecentLogins, readFacts, readRecentLogins } from "@/lib/agent/read-facts";
import { type KeyFile, readKeyFiles } from "@/lib/agent/read-keys";
import { type PamFile, readPam } from "@/lib/agent/read-pam";
import { type Answer, AnswerParser, printRequest } from "@/lib/agent/wire";
import { now } from "@/lib/clock";
import type { Secret } from "@/lib/secrets/secret";
import { connect, type Pin, type SshConnection } from "@/lib/ssh/ssh2";

/** The account that the agent answers on. Its only key carries a forced command, so the command sent is ignored. */
export const managementAccount = "gatehouse";

/** What it takes to reach a host's agent. */
export interface AgentHost {
  readonly address: string;
  readonly port: number;
  /** The host keys we know. Any other key: refused before anything is sent. */
  readonly pins: readonly Pin[];
  readonly privateKey: Secret<string>;
}

export interface CheckRequest {
  /** SHA-256 of the file's path. */
  readonly file: string;
  /** SHA-256 of the live content that the change is based on, or "absent". */
  readonly base: string;
  /** Connections to evaluate, as sshd's -C takes them: {user: "root", addr: "192.0.2.1", host: "…"}. */
  readonly specs: readonly Readonly<Record<string, string>>[];
  readonly content: Uint8Array;
}

export interface ApplyRequest {
  /** [a-z0-9]{20}; the agent refuses one that it saw before ("replay"). */
  readonly id: string;
  readonly file: string;
  readonly base: string;
  /** 30 to 3600. */
  readonly deadlineSeconds: number;
  /** Skip the check that the management account still gets in (never `sshd -t`). */
  readonly override: boolean;
  /** With the marker block of lib/change/marker.ts at its end. */
  readonly content: Uint8Array;
  /** The whole new PAM file of sshd, applied, kept and undone together with the other one. */
  readonly pam?: { /** SHA-256 of the live one. */ readonly base: string; readonly content: Uint8Array };
}

/** The whole new content of a key file of an account. */
export interface ApplyKeysRequest {
  readonly id: string;
  readonly account: string;
  /** SHA-256 of the file's path. */
  readonly file: string;
  readonly base: string;
  /** 30 to 3600. */
  readonly deadlineSeconds: number;
  readonly content: Uint8Array;
}

/** The modes on the way to a key file, from those that `readKeys` told to the safe ones. */
export interface RepairModesRequest extends Omit<ApplyKeysRequest, "content" | "base"> {
  /** SHA-256 of the modes as they are, and of the safe ones, as `readKeys` writes them. */
  readonly base: string;
  readonly sha256: string;
}

/** An act on the state file of an account's one-time codes. The same id again does nothing twice. */
export interface CodesRequest {
  /** [A-Za-z0-9_-]{1,64} */
  readonly id: string;
  readonly account: string;
}

export interface UpdateAgentRequest {
  readonly id: string;
  readonly sha256: string;
  readonly deadlineSeconds: number;
  readonly content: Uint8Array;
}

/** What an act on a state file came to. */
export interface CodesWritten {
  readonly path: string;
  /** It was so before. */
  readonly already: boolean;
}

/** The agent's verbs, over one connection. All reject with SshError or AgentError, never with what a host made up. */
export interface Agent {
  /** The login that these verbs go over: the host key that was proved, and our own address. */
  readonly login: { readonly hostKey: Uint8Array; readonly localAddress: string };
  hello(): Promise<Hello>;
  accounts(): Promise<AgentAccount[]>;
  /**
   * Everything by which sshd decides who gets in.
   *
   * @param known the hash of an earlier reading: a host on which nothing changed since answers small
   */
  facts(known?: string): Promise<FactsReading>;
  /** Who came in within the last day, at least. */
  recentLogins(): Promise<RecentLogins>;
  readConfig(): Promise<AgentFile[]>;
  /** sshd's PAM file, whole, and whether the module for one-time codes is there. */
  readPam(): Promise<PamFile>;
  /** The protected copy made at first contact. */
  readOriginal(file: string): Promise<Buffer>;
  /** The key files of an account, whole, as the account itself may read them, and which may be written. */
  readKeys(account: string): Promise<KeyFile[]>;
  /** As `apply`, for a key file: kept by `confirm` over a fresh login, else undone by the host. */
  applyKeys(request: ApplyKeysRequest): Promise<Applied>;
  repairModes(request: RepairModesRequest): Promise<Applied>;
  /** Where state files of one-time codes are looked for and which are there; never a secret. */
  readCodes(): Promise<{ codes: HostCodes; clockSeconds: number }>;
  /**
   * Puts a state file in its place. One with the same secret stays as it is, with what the module noted in it.
   *
   * @param request.replace also where another secret is there; else that is a `conflict`
   */
  writeCodes(request: CodesRequest & { replace: boolean; content: Uint8Array }): Promise<CodesWritten>;
  /** Other scratch codes, or another counter if it still is `was`; what the module noted meanwhile stays. */
  editCodes(
    request: CodesRequest & { counter?: { is: number; was: number }; scratchCodes: readonly string[] },
  ): Promise<CodesWritten>;
  removeCodes(request: CodesRequest): Promise<CodesWritten>;
  /** Owner and mode of the file as the module wants them, and a directory that the account may write to. */
  mendCodes(request: CodesRequest): Promise<CodesWritten>;
  check(request: CheckRequest): Promise<CheckResult>;
  apply(request: ApplyRequest): Promise<Applied>;
  /** Only over a connection of its own, opened after `apply` with `env` (see agent/README.md, "The proof"). */
  confirm(
    request: { id: string; nonce: string },
    env: Readonly<Record<string, string>>,
  ): Promise<{ already: boolean }>;
  /** Answers when the roll back is done. */
  cancel(id: string): Promise<void>;
  status(id?: string): Promise<AgentStatus>;
  history(lines: number): Promise<string>;
  /** Has the host keep a signed checkpoint (lib/secrets/checkpoint.ts). Answers with the newest of what it keeps. */
  witness(line: string): Promise<{ isKept: boolean; lines: string }>;
  /** @param onPart live output, raw bytes of the package manager */
  packages(
    request: { action: "install" | "upgrade"; name: ManagedPackage },
    onPart: (bytes: Buffer) => void,
  ): Promise<{ code: number }>;
  updateAgent(request: UpdateAgentRequest): Promise<Applied>;
  uninstall(): Promise<void>;
}

/** Deadline (seconds) and largest answer (bytes) of each verb. A host that needs more is treated as one that hangs. */
const limits = {
  hello: { seconds: 20, bytes: 64 * 1024 },
  accounts: { seconds: 20, bytes: 1024 * 1024 },
  // The agent stops reading after 60 s, and begins again once when something moved meanwhile; 8 MiB of contents.
  facts: { seconds: 150, bytes: 16 * 1024 * 1024 },
  // The journal of a day takes at most 20 s.
  logins: { seconds: 40, bytes: 2 * 1024 * 1024 },
  "read-pam": { seconds: 20, bytes: 256 * 1024 },
  "read-config": { seconds: 30, bytes: 9 * 1024 * 1024 },
  "read-original": { seconds: 20, bytes: 256 * 1024 },
  check: { seconds: 45, bytes: 2 * 1024 * 1024 },
  apply: { seconds: 60, bytes: 64 * 1024 },
  // At most 16 files of 128 KiB, each read by a process that may take 15 s.
  "read-keys": { seconds: 60, bytes: 3 * 1024 * 1024 },
  "apply-keys": { seconds: 60, bytes: 64 * 1024 },
  "repair-modes": { seconds: 60, bytes: 64 * 1024 },
  // At most a minute of reading; each file 16 KiB.
  "read-codes": { seconds: 120, bytes: 8 * 1024 * 1024 },
  // The agent waits up to 30 s for logins that are at work in the file.
  "write-codes": { seconds: 60, bytes: 64 * 1024 },
  "edit-codes": { seconds: 60, bytes: 64 * 1024 },
  "remove-codes": { seconds: 60, bytes: 64 * 1024 },
  "mend-codes": { seconds: 60, bytes: 64 * 1024 },
  confirm: { seconds: 20, bytes: 64 * 1024 },
  cancel: { seconds: 60, bytes: 64 * 1024 },
  status: { seconds: 20, bytes: 64 * 1024 },
  history: { seconds: 20, bytes: 1024 * 1024 },
  witness: { seconds: 20, bytes: 128 * 1024 },
  packages: { seconds: 1200, bytes: 4 * 1024 * 1024 },
  "update-agent": { seconds: 60, bytes: 64 * 1024 },
  uninstall: { seconds: 60, bytes: 64 * 1024 },
} as const;
export type Verb = keyof typeof limits;

const stderrBytes = 4096;

/**
 * Opens one fresh connection to the host's agent, hands its verbs to `use`, and closes it whatever happens.
 *
 * Fresh means a new TCP connection, never a shared one: a login is what proves that nobody is locked out.
 *
 * @param options.connectSeconds until logged in; 10 when left out
 * @throws SshError when no pinned connection comes about; AgentError when the agent refuses or answers nonsense
 */
export async function withHost<T>(
  host: AgentHost,
  use: (agent: Agent) => Promise<T>,
  options: { connectSeconds?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const connection = await connect({
    address: host.address,
    port: host.port,
    username: managementAccount,
    auth: { kind: "key", privateKey: host.privateKey },
    pins: host.pins,
    timeoutSeconds: options.connectSeconds ?? 10,
    signal: options.signal,
  });
  try {
    return await use(agentOver(connection));
  } finally {
    connection.end();
  }
}

interface Call {
  headers?: Readonly<Record<string, string | number>>;
  body?: Uint8Array;
  env?: Readonly<Record<string, string>>;
  onPart?: (bytes: Buffer) => void;
}

async function ask(connection: SshConnection, verb: Verb, call: Call = {}): Promise<Answer> {
  const limit = limits[verb];
  const parser = new AnswerParser(limit.bytes, call.onPart);
  const result = await connection.exec("gatehouse-agent", {
    env: call.env,
    input: printRequest({ verb, headers: call.headers ?? {}, body: call.body ?? Buffer.alloc(0) }),
    maxBytes: limit.bytes + 128 * 1024,
    timeoutSeconds: limit.seconds,
    onData: (chunk) => parser.push(chunk),
    isWhole: () => parser.isWhole,
  });
  const hostText = result.stderr.subarray(0, stderrBytes).toString("utf8").trim();
  const answer = parser.finish();
  if (!answer.ok)
    throw new AgentError(
      "malformed",
      `The host's agent gave no usable answer to "${verb}": ${answer.fault}.`,
      hostText,
    );
  if (answer.error) throw new AgentError(answer.error.code, answer.error.message, hostText);
  return answer.answer;
}

function parse<Shape extends z.ZodType>(shape: Shape, verb: Verb, answer: Answer): z.output<Shape> {
  const result = shape.safeParse(answer.headers);
  if (result.success) return result.data;
  const at = result.error.issues[0];
  throw new AgentError(
    "malformed",
    `The host's agent answered "${verb}" without a usable "${at?.path.join(".")}". Is its version too old?`,
  );
}

function appliedOf(headers: z.output<typeof ApplyHeaders>): Applied {
  return {
    nonce: headers.nonce,
    deadlineUptimeSeconds: headers.deadline,
    uptimeSeconds: headers.uptime,
    bootId: headers["boot.id"],
    generation: headers.generation,
  };
}

/** The verbs over a connection that is already open. */
export function agentOver(connection: SshConnection): Agent {
  return {
    login: { hostKey: connection.hostKey, localAddress: connection.localAddress },
    async hello() {
      return readHello(await ask(connection, "hello"));
    },
    async accounts() {
      return readAccounts(await ask(connection, "accounts"));
    },
    async facts(known) {
      const at = now();
      return readFacts(await ask(connection, "facts", { headers: known === undefined ? {} : { known } }), at);
    },
    async recentLogins() {
      return readRecentLogins(await ask(connection, "logins"));
    },
    async readPam() {
      return readPam(await ask(connection, "read-pam"));
    },
    async readConfig() {
      return readFiles(await ask(connection, "read-config"));
    },
    async readOriginal(file) {
      return (await ask(connection, "read-original", { headers: { file } })).body;
    },
    async check({ file, base, specs, content }) {
      const headers: Record<string, string> = { file, base };
      specs.forEach((spec, index) => {
        headers[`spec.${index + 1}`] = Object.entries(spec)
          .map(([name, value]) => `${name}=${value}`)
          .join(",");
      });
      const answer = await ask(connection, "check", { headers, body: content });
      return readCheck(parse(CheckHeaders, "check", answer), answer, specs.length);
    },
    async apply({ id, file, base, deadlineSeconds, override, content, pam }) {
      const headers = {
        ...{ id, file, base, deadline: deadlineSeconds, override: override ? 1 : 0 },
        ...(pam && { "pam.base": pam.base, "pam.bytes": pam.content.length }),
      };
      const body = pam ? Buffer.concat([content, pam.content]) : content;
      const answer = await ask(connection, "apply", { headers, body });
      return appliedOf(parse(ApplyHeaders, "apply", answer));
    },
    async readKeys(account) {
      return readKeyFiles(await ask(connection, "read-keys", { headers: { account } }));
    },
    async applyKeys({ id, account, file, base, deadlineSeconds, content }) {
      const headers = { id, account, file, base, deadline: deadlineSeconds };
      const answer = await ask(connection, "apply-keys", { headers, body: content });
      return appliedOf(parse(ApplyHeaders, "apply-keys", answer));
    },
    async repairModes({ id, account, file, base, sha256, deadlineSeconds }) {
      const headers = { id, account, file, base, sha256, deadline: deadlineSeconds };
      return appliedOf(
        parse(ApplyHeaders, "repair-modes", await ask(connection, "repair-modes", { headers })),
      );
    },
    async readCodes() {
      return readCodes(await ask(connection, "read-codes"));
    },
    async writeCodes({ id, account, replace, content }) {
      const headers = { id, account, replace: replace ? 1 : 0 };
      const answer = await ask(connection, "write-codes", { headers, body: content });
      return parse(CodesHeaders, "write-codes", answer);
    },
    async editCodes({ id, account, counter, scratchCodes }) {
      const headers = { id, account, ...(counter && { counter: counter.is, was: counter.was }) };
      const body = Buffer.from(scratchCodes.map((code) => `${code}\n`).join(""));
      return parse(CodesHeaders, "edit-codes", await ask(connection, "edit-codes", { headers, body }));
    },
    async removeCodes({ id, account }) {
      const headers = { id, account };
      return parse(CodesHeaders, "remove-codes", await ask(connection, "remove-codes", { headers }));
    },
    async mendCodes({ id, account }) {
      const headers = { id, account };
      return parse(CodesHeaders, "mend-codes", await ask(connection, "mend-codes", { headers }));
    },
    async confirm(request, env) {
      return parse(ConfirmHeaders, "confirm", await ask(connection, "confirm", { headers: request, env }));
    },
    async cancel(id) {
      await ask(connection, "cancel", { headers: { id } });
    },
    async status(id) {
      const answer = await ask(connection, "status", { headers: id === undefined ? {} : { id } });
      const headers = parse(StatusHeaders, "status", answer);
      const left = Number.parseFloat(headers.left);
      return {
        state: headers.state,
        id: headers.id,
        secondsLeft: Number.isFinite(left) ? left : null,
        liveSha256: headers["live.sha256"],
        verdict: headers.verdict,
        reason: headers.reason,
        isRestored: headers.restored === "" ? null : headers.restored === "1",
      };
    },
    async history(lines) {
      return (await ask(connection, "history", { headers: { lines } })).body.toString("utf8");
    },
    async witness(line) {
      const answer = await ask(connection, "witness", { headers: { line } });
      return { isKept: parse(KeptHeaders, "witness", answer).kept, lines: answer.body.toString("utf8") };
    },
    async packages(request, onPart) {
      return parse(CodeHeaders, "packages", await ask(connection, "packages", { headers: request, onPart }));
    },
    async updateAgent({ id, sha256, deadlineSeconds, content }) {
      const headers = { id, sha256, deadline: deadlineSeconds };
      const answer = await ask(connection, "update-agent", { headers, body: content });
      return appliedOf(parse(ApplyHeaders, "update-agent", answer));
    },
    async uninstall() {
      await ask(connection, "uninstall");
    },
  };
}
