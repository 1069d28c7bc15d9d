import type { PersonKeyAttestation } from "@/lib/features/keys/schema";

/** An SSH key of a person. */
export interface KeyView {
  id: string;
  name: string;
  /** "ssh-ed25519" */
  type: string;
  bits: number;
  /** "SHA256:…" */
  fingerprint: string;
  /** "MD5:…", which old tools still show. */
  md5: string;
  /** The line of its .pub file. */
  line: string;
  origin: "pasted" | "generated" | "imported" | "adopted" | "webauthn" | "ssh_keygen";
  /** Null: nobody has shown that the person holds its private half. It does not count as his. */
  provedAt: string | null;
  /** Security keys only. */
  application: string | null;
  isSecurityKey: boolean;
  isVerifyRequired: boolean;
  /** The same credential signs in here. */
  signsIn: boolean;
  /** There is a key file to download, with which ssh finds the security key. */
  hasFile: boolean;
  attestation: PersonKeyAttestation | null;
  createdAt: string;
}

/** A passkey that could be used with ssh, too. */
export interface UsablePasskeyView {
  id: string;
  name: string;
}

/** A person's keys, and what he can do about them. */
export interface KeyListView {
  keys: KeyView[];
  /** Passkeys on security keys that have no SSH key yet. */
  passkeys: UsablePasskeyView[];
  /** The application of keys that are made in the browser: our host name. */
  application: string;
}

/** Keys of somebody, as others see them. */
export interface PersonKeysView {
  personId: string;
  name: string;
  login: string;
  role: string;
  isDisabled: boolean;
  keys: KeyView[];
  /** The viewer may add, rename and remove. */
  canWrite: boolean;
}

/** What is to be signed to prove that somebody holds a key. */
export interface KeyChallengeView {
  /** Shell-safe text. */
  challenge: string;
  /** For `ssh-keygen -Y sign -n`. */
  namespace: string;
  expiresAt: string;
}

/** What ssh-keygen is to build into the attestation of a new key. */
export interface KeygenChallengeView {
  /** The whole content of the challenge file: 32 shell-safe characters, without a newline. */
  challenge: string;
  expiresAt: string;
}

/** The key file of a security key. It holds no secret: without the key in the hand it opens nothing. */
export interface KeyFileView {
  keyId: string;
  /** "id_ecdsa_sk_gatehouse" */
  fileName: string;
  /** In OpenSSH's private key format. */
  text: string;
  /** The line of the .pub file beside it. */
  line: string;
}
