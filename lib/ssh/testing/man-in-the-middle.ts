import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import ssh2 from "ssh2";
import { generateManagementKey, type ManagementKey } from "@/lib/ssh/keys";

/** Message numbers of RFC 4250 4.1.2, as far as they tell something here. */
const message = { disconnect: 1, kexInit: 20, newKeys: 21, hostKeyShown: [31, 33] } as const;

/** What one connection sent after the host key had been shown to it. */
export interface Caught {
  /** It got so far that a host key was shown. */
  sawHostKey: boolean;
  /** Numbers of the messages that came after that, but for a goodbye; what is encrypted begins with 21 (NEWKEYS). */
  readonly sent: number[];
  /** Bytes of everything after the host key that was no goodbye: data behind NEWKEYS cannot be told apart any more. */
  bytes: number;
}

/** Somebody between us and a host: an SSH server with a host key of its own, whose every byte is watched. */
export interface ManInTheMiddle {
  readonly port: number;
  readonly key: ManagementKey;
  readonly connections: readonly Caught[];
  /** Methods by which somebody tried to log in, and what he sent as a password. */
  readonly logins: readonly string[];
  close(): Promise<void>;
}

/** Opens one on loopback. It lets everybody in, and takes whatever is said to it. */
export async function openManInTheMiddle(
  key = generateManagementKey("man in the middle"),
): Promise<ManInTheMiddle> {
  const logins: string[] = [];
  const connections: Caught[] = [];
  const sockets = new Set<Socket>();
  const server = new ssh2.Server({ hostKeys: [key.privateKey.reveal()] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => {
      logins.push(context.method);
      context.accept();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const behind = (server.address() as AddressInfo).port;
  const front = net.createServer((socket) => {
    const caught: Caught = { sawHostKey: false, sent: [], bytes: 0 };
    connections.push(caught);
    const inner = net.connect(behind, "127.0.0.1");
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    watch(inner, (type) => {
      if ((message.hostKeyShown as readonly number[]).includes(type)) caught.sawHostKey = true;
    });
    watch(socket, (type, bytes) => {
      if (!caught.sawHostKey || type === message.disconnect) return;
      caught.sent.push(type);
      caught.bytes += bytes;
    });
    socket.pipe(inner);
    inner.pipe(socket);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  return {
    port: (front.address() as AddressInfo).port,
    key,
    connections,
    logins,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([front, server].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
}

/**
 * Reads the packets of one direction: RFC 4253 6, in clear until NEWKEYS. What comes behind that is told as it comes, as
 * one message of the number of NEWKEYS a chunk.
 */
function watch(socket: Socket, onMessage: (type: number, bytes: number) => void): void {
  let pending = Buffer.alloc(0);
  let hasBanner = false;
  let isEncrypted = false;
  socket.on("data", (chunk: Buffer) => {
    if (isEncrypted) return onMessage(message.newKeys, chunk.length);
    pending = Buffer.concat([pending, chunk]);
    if (!hasBanner) {
      const end = pending.indexOf("\n");
      if (end < 0) return;
      hasBanner = true;
      pending = pending.subarray(end + 1);
    }
    while (!isEncrypted && pending.length >= 6 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const length = 4 + pending.readUInt32BE(0);
      const type = pending.readUInt8(5);
      pending = pending.subarray(length);
      isEncrypted = type === message.newKeys;
      onMessage(type, length);
    }
    if (isEncrypted && pending.length > 0) onMessage(message.newKeys, pending.length);
  });
}
