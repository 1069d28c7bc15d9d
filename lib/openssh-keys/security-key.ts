import { type PrivateKey, printPlainPrivateKey } from "@/lib/openssh-keys/private-key-file";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { encodeText, printString, printStrings, WireReader } from "@/lib/openssh-keys/wire";

/** What an authenticator made, as WebAuthn gives it. */
export type SecurityKeyNumbers =
  | { readonly family: "ed25519"; readonly publicBytes: Uint8Array }
  /** A point of P-256, uncompressed: 04, x, y. */
  | { readonly family: "ecdsa"; readonly point: Uint8Array };

/**
 * The key blob of a security key for an application, which a browser calls the relying party.
 *
 * @see PROTOCOL.u2f "SSH U2F Key formats"
 */
export function securityKeyBlob(numbers: SecurityKeyNumbers, application: string): Uint8Array {
  const end = encodeText(application);
  if (numbers.family === "ed25519")
    return printStrings([encodeText("sk-ssh-ed25519@openssh.com"), numbers.publicBytes, end]);
  return printStrings([
    encodeText("sk-ecdsa-sha2-nistp256@openssh.com"),
    encodeText("nistp256"),
    numbers.point,
    end,
  ]);
}

/** What ssh asks of the authenticator before it signs (sk-api.h). */
const needs = { touch: 0x01, verification: 0x04 };

/** What the file of a security key says beside the public key. */
export interface SecurityKeyFile {
  readonly keyBlob: Uint8Array;
  /** By which the authenticator finds its private key: WebAuthn's credential id. */
  readonly keyHandle: Uint8Array;
  /** ssh asks for the PIN or the fingerprint, beside the touch. */
  readonly isVerifyRequired: boolean;
  readonly comment: string;
}

/**
 * The private key file of a security key: it tells ssh which key to ask the authenticator for, and holds no secret.
 *
 * @param check any 32-bit number
 * @throws Error for a blob of another kind of key
 * @see PROTOCOL.u2f; sshkey.c:sshkey_private_serialize_sk
 */
export function printSecurityKeyFile(file: SecurityKeyFile, check: number): string {
  const { key } = parsePublicKey(file.keyBlob);
  if (!key?.keyType.isSecurityKey) throw new Error("no key of a security key");
  const reader = new WireReader(key.blob);
  reader.readString();
  // Behind the type the public fields stand as in the blob, the application included.
  const publicFields = key.blob.subarray(reader.offset);
  const flags = needs.touch | (file.isVerifyRequired ? needs.verification : 0);
  const privateKey: PrivateKey = {
    publicKey: { type: key.type, blob: key.blob, comment: file.comment },
    fields: [publicFields, new Uint8Array([flags]), printString(file.keyHandle), printString("")],
  };
  return printPlainPrivateKey(privateKey, check);
}
