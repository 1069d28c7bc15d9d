import { createHash, generateKeyPairSync, randomInt } from "node:crypto";
import type { AuthorizedKeysLine } from "@/lib/authorized-keys/parse";
import { printEd25519PrivateKey } from "@/lib/openssh-keys/private-key";
import { ed25519PublicKey, printFingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";
import { Secret } from "@/lib/secrets/secret";
import { toByteString } from "@/lib/sshd-config/bytes";

/** A host's management key: one key a host, so that a stolen one opens nothing else. */
export interface ManagementKey {
  /** "ssh-ed25519 AAAA… comment" */
  readonly publicKey: string;
  /** In OpenSSH's own format, which ssh2 parses. */
  readonly privateKey: Secret<string>;
}

/** A fresh Ed25519 key pair. */
export function generateManagementKey(comment: string): ManagementKey {
  const pair = generateKeyPairSync("ed25519");
  const { d, x } = pair.privateKey.export({ format: "jwk" });
  if (!d || !x) throw new Error("node:crypto made an Ed25519 key without its numbers");
  const publicBytes = Buffer.from(x, "base64url");
  const seed = Buffer.from(d, "base64url");
  return {
    publicKey: printPublicKey(ed25519PublicKey(publicBytes, comment)),
    privateKey: new Secret(printEd25519PrivateKey(seed, publicBytes, comment, randomInt(2 ** 32))),
  };
}

/** "SHA256:…", as `ssh-keygen -l` prints it and people compare it. */
export function fingerprintOf(blob: Uint8Array): string {
  return printFingerprint(createHash("sha256").update(blob).digest());
}

/** Names the bytes of a key's line, without the blanks and the line end behind it: 64 hexadecimal digits. */
export function lineSha256({ raw }: Pick<AuthorizedKeysLine, "raw">): string {
  return createHash("sha256").update(toByteString(raw.trimEnd()), "latin1").digest("hex");
}
