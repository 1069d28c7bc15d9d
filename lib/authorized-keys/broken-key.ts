import type { BrokenLine } from "@/lib/authorized-keys/parse";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";

/** A type, blanks, and the beginning of every blob in base64. */
const keyText =
  /(?:^|[ \t",])(?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)[A-Za-z0-9@.-]+[ \t]+"?(AAAA[A-Za-z0-9+/]+=*)/g;

/**
 * The key in a line that sshd skips, such as one with an option that only a later version reads: after an upgrade it
 * would open the account. Undefined where none can be read.
 */
export function findBrokenKey({ raw }: Pick<BrokenLine, "raw">): DecodedKey | undefined {
  for (const [, base64 = ""] of raw.matchAll(keyText)) {
    const blob = decodeBase64(base64);
    const key = blob && parsePublicKey(blob).key;
    if (key && !key.certificate) return key;
  }
  return undefined;
}
