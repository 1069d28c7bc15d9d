import { printBase64 } from "@/lib/openssh-keys/base64";
import { ed25519PublicKey } from "@/lib/openssh-keys/public-key";
import { concatenate, printString, printUint32 } from "@/lib/openssh-keys/wire";

const blockBytes = 8;
const lineLength = 70;

/**
 * An Ed25519 key pair as OpenSSH writes it, without a passphrase.
 *
 * @param privateSeed 32 bytes, as RFC 8032 calls them
 * @param check any 32-bit number; OpenSSH uses it to notice a wrong passphrase
 * @see PROTOCOL.key of OpenSSH ("openssh-key-v1")
 */
export function printEd25519PrivateKey(
  privateSeed: Uint8Array,
  publicBytes: Uint8Array,
  comment: string,
  check: number,
): string {
  const { type, blob } = ed25519PublicKey(publicBytes, comment);
  const content = concatenate([
    printUint32(check),
    printUint32(check),
    printString(type),
    printString(publicBytes),
    printString(concatenate([privateSeed, publicBytes])),
    printString(comment),
  ]);
  const padding = Uint8Array.from(
    { length: (blockBytes - (content.length % blockBytes)) % blockBytes },
    (_, index) => index + 1,
  );
  const file = concatenate([
    new TextEncoder().encode("openssh-key-v1\0"),
    printString("none"),
    printString("none"),
    printString(""),
    printUint32(1),
    printString(blob),
    printString(concatenate([content, padding])),
  ]);
  const lines = printBase64(file).match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}
