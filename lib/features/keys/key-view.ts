import { PersonKeyAttestation } from "@/lib/features/keys/schema";
import type { KeyFileView, KeyView } from "@/lib/features/keys/views";
import type { PersonKey } from "@/lib/generated/prisma/client";
import { keyTypeByName } from "@/lib/openssh-keys/key-types";
import { fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";
import { printSecurityKeyFile } from "@/lib/openssh-keys/security-key";

/** A stored key as pages show it. */
export function keyView(key: PersonKey): KeyView {
  return {
    id: key.id,
    name: key.name,
    type: key.type,
    bits: key.bits,
    fingerprint: key.fingerprint,
    md5: fingerprint(key.blob, "md5"),
    line: lineOf(key),
    origin: key.origin,
    provedAt: key.provedAt?.toISOString() ?? null,
    application: key.application,
    isSecurityKey: keyTypeByName(key.type)?.type.isSecurityKey ?? false,
    isVerifyRequired: key.isVerifyRequired,
    signsIn: key.passkeyId !== null,
    hasFile: key.keyHandle !== null,
    attestation: PersonKeyAttestation.nullable().parse(key.attestation),
    createdAt: key.createdAt.toISOString(),
  };
}

/** The line of a .pub file; its comment is the name, as far as that is ASCII. */
function lineOf({ type, blob, name }: PersonKey): string {
  return printPublicKey({ type, blob, comment: name });
}

/**
 * The file by which ssh finds the security key. The same key gives the same file each time.
 *
 * @returns undefined for a key whose handle we do not have
 */
export function keyFileView(key: PersonKey): KeyFileView | undefined {
  if (!key.keyHandle) return undefined;
  const { id: keyId, blob: keyBlob, keyHandle, isVerifyRequired } = key;
  const line = lineOf(key);
  const comment = line.split(" ").slice(2).join(" ");
  // The check number guards a passphrase, which this file has not: any number will do.
  const text = printSecurityKeyFile({ keyBlob, keyHandle, isVerifyRequired, comment }, 0);
  const family = keyTypeByName(key.type)?.type.family === "ed25519" ? "ed25519" : "ecdsa";
  return { keyId, fileName: `id_${family}_sk_gatehouse`, text, line };
}
