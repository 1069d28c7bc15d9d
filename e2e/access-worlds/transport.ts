import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { concatenate, printMpint, printString, printUint32, WireReader } from "@/lib/openssh-keys/wire";

/**
 * The SSH transport, as far as a client needs it that is to say exactly what we choose: curve25519-sha256,
 * aes128-gcm@openssh.com. The host's signature is not checked: it is ours, on loopback.
 *
 * @see RFC 4253, RFC 8731, OpenSSH PROTOCOL
 */
export interface Transport {
  /** Names this connection; signatures cover it. */
  readonly sessionId: Uint8Array;
  send(payload: Uint8Array): void;
  /** The next message that is for us; undefined once the host has closed the connection. */
  receive(): Promise<Uint8Array | undefined>;
  close(): void;
}

export const message = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceRequest: 5,
  serviceAccept: 6,
  extInfo: 7,
  kexInit: 20,
  newKeys: 21,
  ecdhInit: 30,
  ecdhReply: 31,
} as const;

const ownVersion = "SSH-2.0-GatehouseWorlds";
const methods = [
  "curve25519-sha256",
  "ssh-ed25519",
  "aes128-gcm@openssh.com",
  "aes128-gcm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-256",
  "none",
  "none",
  "",
  "",
];

/** Bytes that came in and were not taken yet. */
class Inbox {
  #bytes: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(socket: net.Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
      this.#wake?.();
    });
    socket.on("error", () => this.#close());
    socket.on("close", () => this.#close());
    socket.on("end", () => this.#close());
  }

  #close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** So many bytes; undefined when the connection ends before. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#bytes.length < count) if (!(await this.#more())) return undefined;
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** A line without its end. */
  async takeLine(): Promise<string | undefined> {
    let end = this.#bytes.indexOf(0x0a);
    while (end < 0) {
      if (!(await this.#more())) return undefined;
      end = this.#bytes.indexOf(0x0a);
    }
    return (await this.take(end + 1))?.toString("latin1").replace(/\r?\n$/, "");
  }

  async #more(): Promise<boolean> {
    if (this.#isClosed) return false;
    const before = this.#bytes.length;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return this.#bytes.length > before || !this.#isClosed;
  }
}

/** One direction of AES-GCM: the length in the clear, a counter in the nonce. */
class Seal {
  readonly #key: Buffer;
  readonly #nonce: Buffer;

  constructor(key: Buffer, nonce: Buffer) {
    this.#key = key;
    this.#nonce = Buffer.from(nonce);
  }

  #next(): Buffer {
    const nonce = Buffer.from(this.#nonce);
    this.#nonce.writeBigUInt64BE(this.#nonce.readBigUInt64BE(4) + 1n, 4);
    return nonce;
  }

  seal(length: Uint8Array, plain: Uint8Array): Buffer {
    const cipher = createCipheriv("aes-128-gcm", this.#key, this.#next()).setAAD(length);
    return Buffer.concat([length, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  open(length: Uint8Array, sealed: Buffer): Buffer {
    const cipher = createDecipheriv("aes-128-gcm", this.#key, this.#next(), { authTagLength: 16 });
    cipher.setAAD(length).setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  }
}

/** Where to connect, from which address. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/**
 * Connects and agrees on keys.
 *
 * @returns undefined when the host ends the connection before
 * @throws when nobody listens there, or the address to come from is not ours
 */
export async function openTransport({ from, to, port }: Route): Promise<Transport | undefined> {
  const socket = net.connect({ host: to, port, localAddress: from, noDelay: true });
  const inbox = new Inbox(socket);
  await once(socket, "connect");
  let sealing: { out: Seal; in: Seal } | undefined;
  const send = (payload: Uint8Array) => {
    if (!socket.writable) return;
    const block = sealing ? 16 : 8;
    const fixed = sealing ? 1 : 5;
    const padding = block - ((payload.length + fixed) % block);
    const filled = padding < 4 ? padding + block : padding;
    const plain = concatenate([Uint8Array.of(filled), payload, randomBytes(filled)]);
    const length = printUint32(plain.length);
    socket.write(sealing ? sealing.out.seal(length, plain) : concatenate([length, plain]));
  };
  const receive = async (): Promise<Uint8Array | undefined> => {
    const length = await inbox.take(4);
    if (!length) return undefined;
    const body = await inbox.take(length.readUInt32BE(0) + (sealing ? 16 : 0));
    if (!body) return undefined;
    const plain = sealing ? sealing.in.open(length, body) : body;
    const payload = plain.subarray(1, plain.length - (plain[0] ?? 0));
    switch (payload[0]) {
      case message.disconnect:
        return undefined;
      case message.ignore:
      case message.debug:
      case message.extInfo:
        return receive();
      default:
        return payload;
    }
  };
  const close = () => socket.destroy();

  const theirVersion = await inbox.takeLine();
  if (theirVersion === undefined) return undefined;
  socket.write(`${ownVersion}\r\n`);
  const ownInit = concatenate([
    Uint8Array.of(message.kexInit),
    randomBytes(16),
    ...methods.map((list) => printString(list)),
    Uint8Array.of(0),
    printUint32(0),
  ]);
  send(ownInit);
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const ownPoint = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  send(concatenate([Uint8Array.of(message.ecdhInit), printString(ownPoint)]));
  const theirInit = await receive();
  const reply = theirInit && (await receive());
  if (!theirInit || !reply || reply[0] !== message.ecdhReply) return undefined;
  const reader = new WireReader(reply.subarray(1));
  const [hostKey, theirPoint] = [reader.readString(), reader.readString()];
  if (!hostKey || !theirPoint) return undefined;
  const shared = diffieHellman({
    privateKey,
    publicKey: createPublicKey({
      format: "jwk",
      key: { kty: "OKP", crv: "X25519", x: Buffer.from(theirPoint).toString("base64url") },
    }),
  });
  const secret = printMpint(shared);
  const sha256 = (...parts: (Uint8Array | string)[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const sessionId = sha256(
    ...[ownVersion, theirVersion, ownInit, theirInit, hostKey, ownPoint, theirPoint].map((part) =>
      printString(part),
    ),
    secret,
  );
  const derive = (letter: string, bytes: number) =>
    sha256(secret, sessionId, letter, sessionId).subarray(0, bytes);
  send(Uint8Array.of(message.newKeys));
  const theirs = await receive();
  if (theirs?.[0] !== message.newKeys) return undefined;
  sealing = {
    out: new Seal(derive("C", 16), derive("A", 12)),
    in: new Seal(derive("D", 16), derive("B", 12)),
  };
  return { sessionId, send, receive, close };
}
