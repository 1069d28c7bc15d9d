import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { concatenate, equalBytes, printString, printUint32, WireReader } from "@/lib/openssh-keys/wire";
import type { SoftSecurityKey } from "@/lib/testing/security-key";

/** An ssh-agent of the tests' own, with a finger on one security key. */
export interface SecurityKeyAgent {
  /** For SSH_AUTH_SOCK or IdentityAgent. */
  readonly socket: string;
  close(): Promise<void>;
}

// draft-miller-ssh-agent, 5.1
const failure = 5;
const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;

/** @param flags what the key says of touch (1) and PIN (4) with each signature */
export async function startSecurityKeyAgent(key: SoftSecurityKey, flags: number): Promise<SecurityKeyAgent> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-agent-"));
  const socket = path.join(folder, "agent");
  const open = new Set<Socket>();
  const server = createServer((connection) => {
    open.add(connection);
    connection.on("close", () => open.delete(connection));
    connection.on("error", () => connection.destroy());
    let waiting: Uint8Array = new Uint8Array();
    connection.on("data", (data) => {
      waiting = concatenate([waiting, data]);
      for (;;) {
        const reader = new WireReader(waiting);
        const request = reader.readString();
        if (!request) return;
        waiting = waiting.subarray(reader.offset);
        connection.write(printString(answer(request, key, flags)));
      }
    });
  });
  server.listen(socket);
  await once(server, "listening");
  return {
    socket,
    async close() {
      for (const connection of open) connection.destroy();
      server.close();
      await once(server, "close");
      rmSync(folder, { recursive: true });
    },
  };
}

function answer(request: Uint8Array, key: SoftSecurityKey, flags: number): Uint8Array {
  const reader = new WireReader(request);
  const kind = reader.readByte();
  if (kind === requestIdentities)
    return concatenate([
      new Uint8Array([identitiesAnswer]),
      printUint32(1),
      printString(key.blob),
      printString("soft"),
    ]);
  const blob = kind === signRequest ? reader.readString() : undefined;
  const message = blob && reader.readString();
  if (!blob || !message || !equalBytes(blob, key.blob)) return new Uint8Array([failure]);
  return concatenate([new Uint8Array([signResponse]), printString(key.sign(message, flags))]);
}
