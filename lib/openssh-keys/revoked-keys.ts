import { readKeyText, skipBlanks } from "@/lib/openssh-keys/key-text";
import type { DecodedKey } from "@/lib/openssh-keys/public-key";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { isRevocationList, parseRevocationList } from "@/lib/openssh-keys/revocation-list";
import { decodeText } from "@/lib/text";

/** A file that RevokedKeys names. */
export interface RevokedKeys {
  readonly format: "text" | "krl";
  /** How many entries it has: keys, fingerprints, serials or ranges of them, key IDs. */
  readonly count: number;
  /** Is the key refused? A certificate is refused by itself, by its key, and by the key of its CA. */
  isRevoked(key: DecodedKey): boolean;
}

/** Undefined `revoked`: sshd cannot read the file, and then it refuses every key. */
export type RevokedKeysReading =
  | { readonly revoked: RevokedKeys }
  | { readonly revoked?: undefined; readonly reason: string; readonly line?: number };

/**
 * Reads a file for RevokedKeys: public keys line by line, or a key revocation list (KRL) as `ssh-keygen -k` makes it.
 *
 * An empty file revokes nothing. One line that is no key damages a text file as a whole, options in front included.
 *
 * @param release of OpenSSH, whose rules count; the newest when not given
 * @see authfile.c:sshkey_check_revoked, sshkey_in_file; krl.c
 */
export function parseRevokedKeys(bytes: Uint8Array, release?: number): RevokedKeysReading {
  if (!isRevocationList(bytes)) return parseList(bytes, release);
  const reading = parseRevocationList(bytes, release);
  if (!reading.list) return reading;
  const { list } = reading;
  const isRevoked = (key: DecodedKey) =>
    list.names(key) || (key.certificate !== undefined && namesAuthority(key));
  const namesAuthority = ({ certificate }: DecodedKey) => {
    const authority = certificate && parsePublicKey(certificate.signatureKey).key;
    return authority !== undefined && list.names(authority);
  };
  return { revoked: { format: "krl", count: list.count, isRevoked } };
}

function parseList(bytes: Uint8Array, release: number | undefined): RevokedKeysReading {
  const revoked = new Set<string>();
  let count = 0;
  let number = 0;
  for (const raw of decodeText(bytes).split("\n")) {
    number++;
    const [line = ""] = raw.split("\0");
    const start = skipBlanks(line, 0);
    if (start === line.length || line[start] === "#") continue;
    const text = readKeyText(line, start, release);
    if (text.key) {
      count++;
      revoked.add(text.key.blob.join());
    } else if (!text.tooShort) return { reason: text.reason, line: number };
  }
  return {
    revoked: {
      format: "text",
      count,
      isRevoked({ blob, certificate }) {
        return (
          revoked.has(blob.join()) ||
          (certificate !== undefined && revoked.has(certificate.signatureKey.join()))
        );
      },
    },
  };
}
