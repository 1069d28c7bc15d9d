import { printBase64 } from "@/lib/openssh-keys/base64";
import type { PublicKey } from "@/lib/openssh-keys/public-key";
import { concatenate, printString, printUint32 } from "@/lib/openssh-keys/wire";

/** A private key as its file holds it. */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  /** The fields that stand between the type and the comment, as PROTOCOL.key and PROTOCOL.agent order them. */
  readonly fields: readonly Uint8Array[];
}

/** How the private part is locked: what stands in the file's head, and the lock itself. */
export interface PrivateKeyLock {
  /** "aes256-ctr" */
  readonly cipher: string;
  /** "bcrypt" */
  readonly derivation: string;
  readonly derivationOptions: Uint8Array;
  readonly blockBytes: number;
  /** @param content padded to whole blocks */
  lock(content: Uint8Array): Promise<Uint8Array>;
}

/** Without a cipher OpenSSH pads to 8 bytes. */
const plainBlockBytes = 8;

/**
 * A private key file in OpenSSH's own format, without a passphrase.
 *
 * @param check any 32-bit number; it stands there twice, by which OpenSSH notices a wrong passphrase
 * @see PROTOCOL.key of OpenSSH ("openssh-key-v1")
 */
export function printPlainPrivateKey(key: PrivateKey, check: number): string {
  const head = [printString("none"), printString("none"), printString("")];
  return printFile(head, key, paddedContent(key, check, plainBlockBytes));
}

/** The same under a lock. @see lockByPassphrase */
export async function printLockedPrivateKey(
  key: PrivateKey,
  check: number,
  lock: PrivateKeyLock,
): Promise<string> {
  const head = [printString(lock.cipher), printString(lock.derivation), printString(lock.derivationOptions)];
  const content = paddedContent(key, check, lock.blockBytes);
  try {
    return printFile(head, key, await lock.lock(content));
  } finally {
    content.fill(0);
  }
}

function paddedContent({ publicKey, fields }: PrivateKey, check: number, blockBytes: number): Uint8Array {
  const content = concatenate([
    printUint32(check),
    printUint32(check),
    printString(publicKey.type),
    ...fields,
    printString(publicKey.comment),
  ]);
  const padding = Uint8Array.from(
    { length: (blockBytes - (content.length % blockBytes)) % blockBytes },
    (_, index) => index + 1,
  );
  return concatenate([content, padding]);
}

function printFile(head: readonly Uint8Array[], { publicKey }: PrivateKey, content: Uint8Array): string {
  const file = concatenate([
    new TextEncoder().encode("openssh-key-v1\0"),
    ...head,
    printUint32(1),
    printString(publicKey.blob),
    printString(content),
  ]);
  return printArmor("OPENSSH PRIVATE KEY", file);
}

const lineLength = 70;

/** Base64 between two lines that name it, as OpenSSH wraps private keys and signatures. Ends in a newline. */
export function printArmor(name: string, bytes: Uint8Array): string {
  const lines = printBase64(bytes).match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ""].join("\n");
}
