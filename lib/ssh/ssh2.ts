import { Socket } from "node:net";
import ssh2, {
  type AuthHandlerMiddleware,
  type Client,
  type ParsedKey,
  type ServerHostKeyAlgorithm,
} from "ssh2";
import { typeOfBlob } from "@/lib/openssh-keys/public-key";
import { Attempts, type SshAuth } from "@/lib/ssh/authenticate";
import { type OfferedKey, SshError } from "@/lib/ssh/errors";
import { type ExecOptions, type ExecResult, execute } from "@/lib/ssh/exec";
import { explain } from "@/lib/ssh/explain";
import { ownClient } from "@/lib/sshd-config/own-client";

// ssh2 accepts any host key when its `hostVerifier` is missing or answers later. Here the pins are an argument that
// cannot be left out, and the verifier compares raw blobs at once, in every key exchange of the connection.

/** A host key that we know. */
export interface Pin {
  readonly type: string;
  readonly blob: Uint8Array;
}

export interface ConnectOptions {
  /** DNS name or IP address. */
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly auth: SshAuth;
  /** At least one. Nothing of `auth` leaves this process before the other side has proved to hold one of them. */
  readonly pins: readonly Pin[];
  /** From the first packet until logged in. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

export interface SshConnection {
  /** The blob of the pin that the other side proved to hold. */
  readonly hostKey: Uint8Array;
  /** Our own address on this connection; the host sees another one behind NAT. */
  readonly localAddress: string;
  /**
   * Runs one command in a channel of its own.
   *
   * @param command a constant of ours, never built from data; on managed hosts the forced command replaces it
   * @throws SshError "channel-refused", "too-much-output", "timed-out" or "connection-lost"
   */
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  /** Says goodbye; whatever still runs is cut off. */
  end(): void;
}

/** ssh2's algorithm names for each type of host key. RSA with SHA-1 is not among them. */
const algorithmsOf: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** One connection each, because a handshake shows one key. */
const lookGroups: readonly (readonly string[])[] = [
  ["ssh-ed25519"],
  ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  ["ssh-rsa"],
];

/** ssh2 1.17's words when the host offers no host key of the types we asked for (its kex.js; pinned by a test). */
const noMatchingHostKey = "no matching host key format";

/** A goodbye that the other side ignores must not keep the socket. */
const goodbyeSeconds = 2;

/**
 * A connection that is logged in, to a host that proved to hold one of the pinned keys.
 *
 * @throws SshError with one of its failures; nothing is left open then
 */
export async function connect(options: ConnectOptions): Promise<SshConnection> {
  const attempts = new Attempts(options.username, options.auth, parseKeyOf(options.auth));
  const pinned = options.pins.map((pin) => Buffer.from(pin.blob));
  let hostKey: Uint8Array = new Uint8Array();
  const session = await open(
    { ...options, types: options.pins.map((pin) => pin.type) },
    (blob) => {
      const pin = pinned.find((known) => known.equals(blob));
      if (pin) hostKey = pin;
      return pin !== undefined;
    },
    attempts,
  );
  return {
    hostKey,
    localAddress: session.localAddress,
    exec: (command, execOptions) => execute(session.client, session.destroy, command, execOptions),
    end: session.end,
  };
}

/**
 * The host keys that the host offers, one of each type it has. Sends no name and no credential.
 *
 * @throws SshError when not even one key could be seen
 */
export async function lookAtHostKeys(
  address: string,
  port: number,
  options: { timeoutSeconds?: number; signal?: AbortSignal } = {},
): Promise<OfferedKey[]> {
  const keys: OfferedKey[] = [];
  for (const types of lookGroups) {
    try {
      const target = {
        address,
        port,
        types,
        timeoutSeconds: options.timeoutSeconds ?? 10,
        signal: options.signal,
      };
      (await open(target, () => false, undefined)).destroy();
    } catch (error) {
      if (!(error instanceof SshError) || error.failure !== "host-key-changed") throw error;
      if (error.offered) keys.push(error.offered);
    }
  }
  if (keys.length === 0)
    throw new SshError(
      "host-key-unsupported",
      "The server offers no host key of a type that Gatehouse knows.",
    );
  return keys;
}

interface Target {
  readonly address: string;
  readonly port: number;
  readonly types: readonly string[];
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

interface Session {
  readonly client: Client;
  readonly localAddress: string;
  readonly end: () => void;
  readonly destroy: () => void;
}

function open(
  target: Target,
  isKnown: (blob: Buffer) => boolean,
  attempts: Attempts | undefined,
): Promise<Session> {
  const serverHostKey = [...new Set(target.types.flatMap((type) => algorithmsOf[type] ?? []))];
  if (serverHostKey.length === 0)
    throw new SshError(
      "host-key-unsupported",
      "No host key of a type that Gatehouse can check is known for this host.",
    );
  return new Promise((resolve, reject) => {
    // A socket of our own: ssh2's destroy() spares one that has been half closed.
    const socket = new Socket();
    const client = new ssh2.Client();
    const seen = {
      connected: false,
      handshaken: false,
      refusals: 0,
      offered: undefined as OfferedKey | undefined,
    };
    let isSettled = false;
    const destroy = () => void socket.destroy();
    const fail = (error: SshError) => {
      destroy();
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      target.signal?.removeEventListener("abort", stop);
      reject(error);
    };
    const stop = () => fail(new SshError("connection-lost", "Gatehouse's worker is stopping."));
    const timer = setTimeout(
      () => fail(explain.timedOut(seen.connected, target.timeoutSeconds)),
      target.timeoutSeconds * 1000,
    );
    target.signal?.addEventListener("abort", stop);
    if (target.signal?.aborted) return stop();

    const verify = (blob: Buffer): boolean => {
      if (isKnown(blob)) return true;
      seen.offered = { type: typeOfBlob(blob) ?? "unknown", blob: Buffer.from(blob) };
      return false;
    };
    const authenticate: AuthHandlerMiddleware = (offered, isPartial, next) => {
      const method = attempts?.next(offered);
      if (method) next(method);
      else fail(explain.authenticationRefused(isPartial));
    };
    client
      .on("handshake", () => {
        seen.handshaken = true;
      })
      .on("ready", () => {
        if (isSettled) return destroy();
        isSettled = true;
        clearTimeout(timer);
        target.signal?.removeEventListener("abort", stop);
        const localAddress = socket.localAddress ?? "";
        resolve({ client, localAddress, destroy, end: () => endGently(client, destroy) });
      })
      // Stays for the life of the client: an "error" event without a listener would end the process.
      .on("error", (error: Error & { level?: string; code?: unknown }) => {
        if (seen.offered || error.message.includes(noMatchingHostKey))
          fail(explain.hostKeyChanged(seen.offered));
        else fail(explain.failed(error, seen));
      })
      .on("close", () => fail(explain.closed(seen)));
    socket.once("connect", () => {
      seen.connected = true;
    });
    socket.connect({ host: target.address, port: target.port });
    client.connect({
      sock: socket,
      username: attempts?.username ?? "none",
      readyTimeout: 0,
      algorithms: {
        kex: [...ownClient.kex],
        cipher: [...ownClient.ciphers],
        hmac: [...ownClient.macs],
        serverHostKey,
      },
      hostVerifier: verify,
      authHandler: authenticate,
      keepaliveInterval: 15_000,
      keepaliveCountMax: 3,
    });
  });
}

function endGently(client: Client, destroy: () => void): void {
  client.end();
  setTimeout(destroy, goodbyeSeconds * 1000).unref();
}

function parseKeyOf(auth: SshAuth): ParsedKey | undefined {
  if (auth.kind !== "key") return undefined;
  const parsed = ssh2.utils.parseKey(auth.privateKey.reveal(), auth.passphrase?.reveal());
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || !key)
    throw explain.badKey(key?.message ?? "no key", auth.passphrase !== undefined);
  if (!key.isPrivateKey())
    throw new SshError("bad-credential", "This is a public key. Give the private key that belongs to it.");
  return key;
}
