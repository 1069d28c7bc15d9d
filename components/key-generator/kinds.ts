import type { GeneratedKind } from "@/lib/openssh-keys/generated-key";

interface KindWords {
  readonly title: string;
  readonly text: string;
  /** As ssh looks for it by itself. */
  readonly fileName: string;
}

/** What people are told about each kind. */
export const kindWords: Record<GeneratedKind, KindWords> = {
  ed25519: {
    title: "Ed25519",
    text: "Short, fast and safe. OpenSSH 6.5 or later.",
    fileName: "id_ed25519",
  },
  "ecdsa-256": {
    title: "ECDSA P-256",
    text: "Where a rule of your organisation asks for NIST's curves.",
    fileName: "id_ecdsa",
  },
  "ecdsa-384": { title: "ECDSA P-384", text: "The same with a larger curve.", fileName: "id_ecdsa" },
  "ecdsa-521": { title: "ECDSA P-521", text: "The same with the largest curve.", fileName: "id_ecdsa" },
  "rsa-3072": { title: "RSA 3072", text: "For very old servers and devices.", fileName: "id_rsa" },
  "rsa-4096": { title: "RSA 4096", text: "The same, longer; slow to make.", fileName: "id_rsa" },
};
