import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, LabHost } from "@/e2e/lab/lab";
import type { AgentErrorCode } from "@/lib/agent/errors";
import { AnswerParser, printRequest } from "@/lib/agent/wire";
import { addMarker, markerVariable } from "@/lib/change/marker";

const agentFolder = path.join(import.meta.dirname, "..");

/** The first line of the agent, for each shell that must be able to run it. */
export const shells = {
  dash: "#!/bin/dash",
  busybox: "#!/bin/busybox sh",
  bash: "#!/bin/bash --posix",
} as const;
export type Shell = keyof typeof shells;

/** Small changes to agent.sh, for hosts under test: a text that must occur exactly once, and what replaces it. */
export type Patch = readonly [found: string, replacement: string];

/**
 * The text of agent.sh with patches.
 *
 * @throws when a patch does not fit any more: a patch that silently did nothing would prove nothing
 */
export function agentText(patches: readonly Patch[] = []): string {
  return patches.reduce(
    (text, [found, replacement]) => {
      if (text.split(found).length !== 2) throw new Error(`The patch does not fit agent.sh once: ${found}`);
      return text.replace(found, () => replacement);
    },
    readFileSync(path.join(agentFolder, "agent.sh"), "utf8"),
  );
}

/** Deadlines of seconds, so that tests need not wait half a minute. */
export const shortDeadlines: Patch = ["DEADLINE_MIN_SECONDS=30", "DEADLINE_MIN_SECONDS=1"];

/** The agent as `shell` would run it; busybox with its own commands in front of the others, see `giveBusybox`. */
export function inShell(shell: Shell): Patch[] {
  const first: Patch = ["#!/bin/sh\n# Gatehouse agent", `${shells[shell]}\n# Gatehouse agent`];
  const path: Patch = ["\nPATH=/usr/sbin:", "\nPATH=/opt/busybox:/usr/sbin:"];
  return shell === "busybox" ? [first, path] : [first];
}

/** Puts busybox' commands into /opt/busybox of a host. */
export async function giveBusybox(host: LabHost): Promise<void> {
  const { code, stderr } = await host.exec("mkdir /opt/busybox && busybox --install -s /opt/busybox");
  if (code !== 0) throw new Error(`busybox cannot be put on ${host.name}: ${stderr}`);
}

export interface AgentAnswer {
  /** Null when the agent did as it was asked. */
  readonly error: AgentErrorCode | null;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly parts: Buffer;
}

export interface AskOptions {
  readonly body?: string | Buffer;
  /** Sent by the ssh client as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** More options for ssh, e.g. a ControlPath. */
  readonly ssh?: readonly string[];
  readonly timeoutSeconds?: number;
  /** Ends the ssh client, as when the network is gone. */
  readonly signal?: AbortSignal;
}

/** What one applied change answers with, and what it takes to confirm it. */
export interface AppliedChange {
  readonly id: string;
  readonly content: string;
  readonly answer: AgentAnswer;
}

let idCount = 0;

/** A fresh id of a change. */
export function newId(): string {
  idCount += 1;
  return createHash("sha256").update(`${process.pid} ${Date.now()} ${idCount}`).digest("hex").slice(0, 20);
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

export const mainConfig = "/etc/ssh/sshd_config";
export const pamFile = "/etc/pam.d/sshd";

/** A lab host with the agent on it, asked over real SSH connections with the management key. */
export class ManagedHost {
  readonly host: LabHost;
  readonly #lab: Lab;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "gatehouse-agent-"));
  readonly keyPath = path.join(this.#folder, "key");

  constructor(lab: Lab, host: LabHost) {
    this.#lab = lab;
    this.host = host;
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "gatehouse", "-f", this.keyPath]);
  }

  /** The address that the host sees this machine's logins come from. */
  get gateway(): string {
    return this.#lab.gateway;
  }

  get publicKey(): string {
    return readFileSync(`${this.keyPath}.pub`, "utf8").trim();
  }

  /** Runs agent/install.sh on the host. */
  async install(
    patches: readonly Patch[] = [],
    variables: Record<string, string> = {},
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const agent = agentText(patches);
    await this.host.write("/root/gatehouse-agent.new", agent);
    await this.host.write("/root/gatehouse-install.sh", readFileSync(path.join(agentFolder, "install.sh")));
    return this.host.exec("sh /root/gatehouse-install.sh; code=$?; rm -f /root/gatehouse-*; exit $code", {
      timeoutSeconds: 300,
      env: {
        GATEHOUSE_PUBLIC_KEY: this.publicKey,
        GATEHOUSE_HOST_ID: "lab",
        GATEHOUSE_AGENT_FILE: "/root/gatehouse-agent.new",
        GATEHOUSE_AGENT_SHA256: sha256(agent),
        ...variables,
      },
    });
  }

  /** As `install`, for tests that are not about installing. @throws with what the installer said */
  async installed(patches: readonly Patch[] = []): Promise<this> {
    const { code, stderr } = await this.install(patches);
    if (code !== 0) throw new Error(`install.sh ended with ${code} on ${this.host.name}:\n${stderr}`);
    return this;
  }

  /** Arguments of ssh for a connection of the management account, from inside the lab. */
  sshArguments(more: readonly string[] = []): string[] {
    const options = [
      "BatchMode=yes",
      "KexAlgorithms=^curve25519-sha256", // see ssh-login.ts
      "ConnectTimeout=10",
      "StrictHostKeyChecking=no",
      "UserKnownHostsFile=/dev/null",
      "GlobalKnownHostsFile=/dev/null",
      "LogLevel=ERROR",
      "IdentityAgent=none",
      "IdentitiesOnly=yes",
      `IdentityFile=${this.keyPath}`,
    ];
    return [
      ...["--target", String(this.#lab.namespacePid), "--net", "--", "ssh", "-F", "none", "-T"],
      ...more,
      ...options.flatMap((option) => ["-o", option]),
      `gatehouse@${this.host.address}`,
      "agent",
    ];
  }

  /**
   * Sends bytes to the agent over a fresh connection.
   *
   * @throws when nothing that is the agent's protocol comes back: no login, a lost connection
   */
  async send(request: Buffer, options: Omit<AskOptions, "body"> = {}): Promise<AgentAnswer> {
    const sendEnv = Object.keys(options.env ?? {}).flatMap((name) => ["-o", `SendEnv=${name}`]);
    const child = spawn("nsenter", this.sshArguments([...(options.ssh ?? []), ...sendEnv]), {
      env: { ...process.env, ...options.env },
      signal: options.signal,
      killSignal: "SIGKILL",
    });
    child.on("error", () => undefined); // only the abort; what came until then is judged below
    const parts: Buffer[] = [];
    const parser = new AnswerParser(16 * 1024 * 1024, (part) => parts.push(part));
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => parser.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on("error", () => undefined); // the agent may answer before it has read everything
    child.stdin.end(request);
    const timeoutSeconds = options.timeoutSeconds ?? 60;
    const timer = setTimeout(async () => {
      const processes = await this.host.exec("ps -eo pid,ppid,stat,wchan,args").catch(() => null);
      stderr += `Ended after ${timeoutSeconds} s; the host runs:\n${processes?.stdout ?? "nothing, it is off"}`;
      child.kill("SIGKILL");
    }, timeoutSeconds * 1000);
    await new Promise((resolve) => child.once("close", resolve));
    clearTimeout(timer);
    const finished = parser.finish();
    if (!finished.ok)
      throw new Error(`No answer from ${this.host.name}: ${finished.fault}. ${stderr.trim()}`);
    return {
      error: finished.error?.code ?? null,
      message: finished.error?.message ?? "",
      headers: finished.error ? {} : finished.answer.headers,
      body: finished.error ? Buffer.alloc(0) : finished.answer.body,
      parts: Buffer.concat(parts),
    };
  }

  /** One request over a fresh connection. @throws as `send` */
  ask(
    verb: string,
    headers: Record<string, string | number> = {},
    options: AskOptions = {},
  ): Promise<AgentAnswer> {
    return this.send(printRequest({ verb, headers, body: Buffer.from(options.body ?? "") }), options);
  }

  /** Applies `text` (the proving block is added) to a file, based on what it holds now. */
  async apply(
    text: string,
    options: {
      id?: string;
      file?: string;
      base?: string;
      /** The new text of sshd's PAM file, changed together with the file; what it was made from is read. */
      pam?: string;
      pamBase?: string;
      deadline?: number;
      override?: 0 | 1;
      ssh?: readonly string[];
      signal?: AbortSignal;
    } = {},
  ): Promise<AppliedChange> {
    const file = options.file ?? mainConfig;
    const id = options.id ?? newId();
    const content = addMarker(text, id);
    const base = options.base ?? sha256(await this.host.readBytes(file));
    const headers = {
      id,
      file: sha256(file),
      base,
      deadline: options.deadline ?? 30,
      override: options.override ?? 0,
    };
    const { ssh, signal, pam } = options;
    if (pam === undefined)
      return { id, content, answer: await this.ask("apply", headers, { body: content, ssh, signal }) };
    const pamBase = options.pamBase ?? sha256(await this.host.readBytes(pamFile));
    const both = { ...headers, "pam.base": pamBase, "pam.bytes": Buffer.byteLength(pam) };
    return { id, content, answer: await this.ask("apply", both, { body: content + pam, ssh, signal }) };
  }

  /** Confirms over a fresh connection, with the variable that proves it and the decoy. */
  confirm(
    change: AppliedChange,
    options: { nonce?: string } & Pick<AskOptions, "env" | "ssh" | "signal"> = {},
  ): Promise<AgentAnswer> {
    const env = { [markerVariable(change.id)]: "1", [markerVariable(newId())]: "1", ...options.env };
    const nonce = options.nonce ?? change.answer.headers.nonce ?? "";
    return this.ask("confirm", { id: change.id, nonce }, { ...options, env });
  }

  /** What stands at a path: content, owner, mode and inode, as one word to compare. */
  async imageOf(file: string): Promise<string> {
    const { stdout } = await this.host.exec(`stat -c '%u:%g %a %i' '${file}'; sha256sum <'${file}'`);
    return stdout;
  }

  /** The state file's record. */
  async state(): Promise<Record<string, string>> {
    const { stdout } = await this.host.exec("cat /var/lib/gatehouse/state 2>/dev/null");
    return Object.fromEntries(
      stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  }

  /** Waits until the last change has ended, however. @throws when it has not after `seconds` */
  async waitForEnd(seconds = 30): Promise<string> {
    const giveUpAt = performance.now() + seconds * 1000;
    for (;;) {
      const { state = "idle", id } = await this.state();
      const cleaned = await this.host.exec(`[ ! -d '/var/lib/gatehouse/tx/${id}' ]`);
      if (["idle", "confirmed", "rolled-back"].includes(state) && cleaned.code === 0) return state;
      if (performance.now() > giveUpAt) throw new Error(`The change is still ${state} after ${seconds} s.`);
      await sleep(100);
    }
  }

  /** Throws the key away. The host itself belongs to the lab. */
  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
