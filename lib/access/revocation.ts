import type { Situation } from "@/lib/access/connection";
import type { Server } from "@/lib/access/server";
import type { DecodedKey } from "@/lib/openssh-keys/public-key";
import { parseRevokedKeys, type RevokedKeysReading } from "@/lib/openssh-keys/revoked-keys";

/** The files of RevokedKeys, as they were read; `missing` when there is nothing to read. */
export type RevokedFile = RevokedKeysReading | { readonly revoked?: undefined; readonly reason: string };

const read = new WeakMap<Server, Map<string, RevokedFile>>();

/** One file that RevokedKeys names. Without `revoked` sshd cannot read it, and refuses every key. */
export function readRevokedFile(server: Server, path: string): RevokedFile {
  const files = read.get(server) ?? new Map<string, RevokedFile>();
  read.set(server, files);
  const known = files.get(path);
  if (known) return known;
  const bytes = server.files.bytes(path);
  const isCut = server.files.stat(path)?.isCut;
  const reading: RevokedFile =
    bytes && !isCut
      ? parseRevokedKeys(bytes, server.build.release)
      : {
          reason: bytes
            ? "the file was too long to be collected"
            : "there is no such file, or it cannot be read",
        };
  files.set(path, reading);
  return reading;
}

/**
 * Why RevokedKeys refuses a key or certificate; undefined when it does not.
 *
 * @see OpenSSH auth.c:auth_key_is_revoked: a file that cannot be read refuses every key
 */
export function refuseByRevocation({ effective, server }: Situation, key: DecodedKey): string | undefined {
  if (effective.isNone("revokedkeys")) return undefined;
  for (const path of effective.values("revokedkeys")) {
    const file = readRevokedFile(server, path);
    if (!file.revoked) return `RevokedKeys ${path}: ${file.reason}, so every key is refused.`;
    if (file.revoked.isRevoked(key)) return `RevokedKeys ${path} names the key.`;
  }
  return undefined;
}
