import path from "node:path";
import { runToEnd } from "./finished-process";
import { networkOf } from "./namespace";

export interface LoginOptions {
  /** Path of a private key; default the lab's key. Not offered when a password is given without a key. */
  readonly key?: string;
  readonly password?: string;
  /** The socket of an agent that signs for the key; default none. */
  readonly agent?: string;
  /** What to run there; default `true`. */
  readonly command?: string;
  /** Default 20. */
  readonly timeoutSeconds?: number;
  readonly port?: number;
}

export interface LoginResult {
  /** Whether the login succeeded and the command ended with status 0. */
  readonly ok: boolean;
  /** The command's exit status; ssh's own 255 when there was no login, 124 when time ran out. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const DEFAULT_TIMEOUT_SECONDS = 20;

/**
 * Logs in with the machine's own `ssh`, over a fresh TCP connection from the lab's network.
 *
 * One connection, one key, one password: sshd ≥ 9.8 punishes an address for failed attempts, so nothing is tried
 * that the test did not ask for. The host key is not compared with anything: who answers is another test's subject.
 */
export async function logIn(
  labPid: number,
  target: { readonly user: string; readonly address: string; readonly port: number },
  labKey: string,
  options: LoginOptions,
): Promise<LoginResult> {
  const timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const key = options.key ?? (options.password === undefined ? labKey : undefined);
  const methods = [
    ...(key === undefined ? [] : ["publickey"]),
    ...(options.password === undefined ? [] : ["keyboard-interactive", "password"]),
  ];
  const settings = [
    // The first exchange of OpenSSH 9 and later (sntrup761) costs the client 0.1 s of processor time, and proves nothing here.
    "KexAlgorithms=^curve25519-sha256",
    `ConnectTimeout=${timeoutSeconds}`,
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "GlobalKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    "ControlPath=none",
    `IdentityAgent=${options.agent ?? "none"}`,
    "IdentitiesOnly=yes",
    "NumberOfPasswordPrompts=1",
    `PreferredAuthentications=${methods.join(",")}`,
    ...(key === undefined ? ["PubkeyAuthentication=no"] : [`IdentityFile=${key}`]),
    ...(options.password === undefined ? ["BatchMode=yes"] : []),
  ];
  const ssh = [
    "ssh",
    ...["-F", "none", "-T", "-p", String(options.port ?? target.port)],
    ...settings.flatMap((setting) => ["-o", setting]),
    `${target.user}@${target.address}`,
    options.command ?? "true",
  ];
  const { code, stdout, stderr } = await runToEnd(
    "nsenter",
    [...networkOf(labPid), "timeout", "--kill-after=2", String(timeoutSeconds), ...ssh],
    { env: environment(options.password) },
  );
  return { ok: code === 0, code, stdout: stdout.toString(), stderr };
}

function environment(password: string | undefined): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    LC_ALL: "C.UTF-8",
    NODE_ENV: "test",
  };
  if (password === undefined) return env;
  const askpass = path.join(import.meta.dirname, "askpass.sh");
  return {
    ...env,
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: "force",
    DISPLAY: ":0",
    LAB_PASSWORD: password,
  };
}
