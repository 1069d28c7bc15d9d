import type { KeyView } from "@/lib/features/keys/views";

const kinds: Readonly<Record<string, string>> = {
  "ssh-ed25519": "Ed25519",
  "sk-ssh-ed25519@openssh.com": "Ed25519 on a security key",
  "sk-ecdsa-sha2-nistp256@openssh.com": "ECDSA on a security key",
  "ssh-mldsa44-ed25519@openssh.com": "ML-DSA with Ed25519",
};

/** The kind of a key as people say it: "RSA, 3072 bits". */
export function kindOf({ type, bits }: Pick<KeyView, "type" | "bits">): string {
  if (type === "ssh-rsa") return `RSA, ${bits} bits`;
  if (type.startsWith("ecdsa-")) return `ECDSA, ${bits} bits`;
  return kinds[type] ?? type;
}

const origins: Record<KeyView["origin"], string> = {
  pasted: "brought as a public key",
  generated: "made in the browser",
  imported: "imported",
  adopted: "found on a host",
  webauthn: "enrolled by touch",
  ssh_keygen: "made by ssh-keygen, with attestation",
};

/** How a key came to us. */
export function originOf({ origin }: Pick<KeyView, "origin">): string {
  return origins[origin];
}

/** Where people have the private half of such a key, as ssh-keygen names the file. */
export function usualFileOf(type: string): string {
  if (type === "ssh-rsa") return "~/.ssh/id_rsa";
  if (type.startsWith("sk-ecdsa")) return "~/.ssh/id_ecdsa_sk";
  if (type.startsWith("sk-")) return "~/.ssh/id_ed25519_sk";
  if (type.startsWith("ecdsa")) return "~/.ssh/id_ecdsa";
  return "~/.ssh/id_ed25519";
}

/** Is it a security key of which nobody knows yet whether it asks for PIN or fingerprint? */
export function canShowPin({ isSecurityKey, isVerifyRequired, hasFile }: KeyView): boolean {
  return isSecurityKey && !isVerifyRequired && !hasFile;
}
