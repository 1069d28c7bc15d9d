import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { convertAAGUIDToString, parseAuthenticatorData } from "@simplewebauthn/server/helpers";
import type { AttestationFile } from "@/lib/openssh-keys/attestation";
import { type SecurityKeyNumbers, securityKeyBlob } from "@/lib/openssh-keys/security-key";
import { equalBytes } from "@/lib/openssh-keys/wire";
import { findExtension, readOctets } from "@/lib/webauthn/certificate-extension";
import { numbersOfCredential } from "@/lib/webauthn/credential-key";

/** What the attestation must be about. */
export interface Attested {
  readonly keyBlob: Uint8Array;
  readonly application: string;
  /** What may have stood in the file of `-O challenge=`: with and without a newline. */
  readonly challenges: readonly Uint8Array[];
  /** Certificates of makers that are believed. */
  readonly roots: readonly X509Certificate[];
  readonly now: Date;
}

/** What a valid attestation says. */
export interface Attestation {
  readonly format: "packed" | "fido-u2f";
  /** The model; null for old authenticators, which do not say. */
  readonly aaguid: string | null;
  /** Signed by the new key itself. */
  readonly isSelf: boolean;
  readonly subject: string | null;
  /** Subject of the root that vouches for the certificate; null: none does, so anybody may have signed. */
  readonly root: string | null;
  readonly isVerified: boolean;
}

export type AttestationVerdict = { readonly attestation: Attestation } | { readonly reason: string };

/** id-fido-gen-ce-aaguid, 1.3.6.1.4.1.45724.1.1.4 */
const aaguidExtension = Uint8Array.from([0x2b, 6, 1, 4, 1, 0x82, 0xe5, 0x1c, 1, 1, 4]);
const noModel = "00000000-0000-0000-0000-000000000000";

/**
 * Checks the attestation that ssh-keygen wrote when it made a key on an authenticator.
 *
 * A file does not say its format: the certificate's signature fits one of both. Without a root behind the certificate
 * it proves nothing about who made the key, for anybody can make a certificate; the caller decides what that is worth.
 *
 * @returns a reason in words when it does not hold; never throws
 * @see WebAuthn Level 3, 8.2 "Packed", 8.6 "FIDO U2F"; regress/misc/ssh-verify-attestation of OpenSSH 10
 */
export function verifyAttestation(file: AttestationFile, attested: Attested): AttestationVerdict {
  const { authenticatorData } = file;
  if (!authenticatorData)
    return {
      reason:
        "it is of OpenSSH 8.2 or 8.3, which does not keep what the authenticator signed. Make the key with 8.4 or later, or bring its public key and prove it by a signature",
    };
  const data = read(authenticatorData);
  if (!data) return { reason: "the authenticator's data in it cannot be read" };
  if (!equalBytes(data.rpIdHash, sha256(attested.application)))
    return { reason: "it is for another application than the public key" };
  if (!data.isPresent) return { reason: "the authenticator was not touched" };
  if (!equalBytes(securityKeyBlob(data.numbers, attested.application), attested.keyBlob))
    return { reason: "it is of another key than the public key that you gave" };

  const signer = signerOf(file, data);
  if ("reason" in signer) return signer;
  const format = findFormat(file.signature, authenticatorData, data, { ...attested, ...signer });
  if (!format)
    return {
      reason:
        "its signature is not over our challenge. Make the challenge file by the command shown here, and the key after it",
    };
  const { certificate, model } = signer;
  // A U2F signature covers neither the flags nor the model in this data: there only the certificate's own word counts.
  const isWhole = format === "packed";
  if (isWhole && model !== undefined && model !== data.aaguid)
    return { reason: "its certificate is of another model than the authenticator says it is" };
  const aaguid = isWhole ? data.aaguid : (model ?? noModel);
  const root = certificate && findRoot(certificate, attested);
  return {
    attestation: {
      format,
      aaguid: aaguid === noModel ? null : aaguid,
      isSelf: certificate === undefined,
      subject: certificate ? oneLine(certificate.subject) : null,
      root: root ? oneLine(root.subject) : null,
      isVerified: isWhole && data.isVerified,
    },
  };
}

interface Data {
  readonly rpIdHash: Uint8Array;
  readonly isPresent: boolean;
  readonly isVerified: boolean;
  readonly aaguid: string;
  readonly credentialId: Uint8Array;
  readonly numbers: SecurityKeyNumbers;
}

function read(bytes: Uint8Array): Data | undefined {
  try {
    const data = parseAuthenticatorData(Uint8Array.from(bytes));
    const { flags, aaguid, credentialID, credentialPublicKey, rpIdHash } = data;
    const numbers = credentialPublicKey && numbersOfCredential(credentialPublicKey);
    if (!aaguid || !credentialID || !numbers) return undefined;
    return {
      rpIdHash,
      isPresent: flags.up,
      isVerified: flags.uv,
      aaguid: convertAAGUIDToString(aaguid),
      credentialId: credentialID,
      numbers,
    };
  } catch {
    // Bytes of a file that anybody may have made: whatever the library stumbles over, it is no authenticator's data.
    return undefined;
  }
}

interface Signer {
  readonly key: KeyObject;
  readonly certificate?: X509Certificate;
  /** The model that the certificate is for, as its maker has signed it. */
  readonly model?: string;
}

/** Who has signed: the maker's certificate, or the new key itself where there is none. */
function signerOf(file: AttestationFile, data: Data): Signer | { readonly reason: string } {
  if (file.signature.length === 0) return { reason: "the authenticator has attested nothing" };
  if (file.certificate.length === 0) return { key: keyObjectOf(data.numbers) };
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(file.certificate);
  } catch {
    return { reason: "the certificate in it cannot be read" };
  }
  const extension = findExtension(file.certificate, aaguidExtension);
  const model = extension && readOctets(extension);
  return {
    key: certificate.publicKey,
    certificate,
    ...(model && { model: convertAAGUIDToString(Uint8Array.from(model)) }),
  };
}

function findFormat(
  signature: Uint8Array,
  authenticatorData: Uint8Array,
  { rpIdHash, credentialId, numbers }: Data,
  { challenges, key, certificate }: Pick<Attested, "challenges"> & Signer,
): Attestation["format"] | undefined {
  for (const challenge of challenges) {
    const hash = sha256(challenge);
    if (isSigned(Buffer.concat([authenticatorData, hash]), key, signature)) return "packed";
    if (!certificate || numbers.family !== "ecdsa") continue;
    const parts = [Buffer.from([0]), rpIdHash, hash, credentialId, numbers.point];
    if (isSigned(Buffer.concat(parts), key, signature)) return "fido-u2f";
  }
  return undefined;
}

function isSigned(message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify(key.asymmetricKeyType === "ed25519" ? null : "sha256", message, key, signature);
  } catch {
    return false; // A certificate may hold a key of any kind, which need not be able to sign.
  }
}

/** The root that has signed the certificate, both of them valid today; a certificate may be named itself. */
function findRoot(certificate: X509Certificate, { roots, now }: Attested): X509Certificate | undefined {
  if (!isCurrent(certificate, now)) return undefined;
  return roots.find(
    (root) =>
      isCurrent(root, now) &&
      (certificate.raw.equals(root.raw) ||
        (root.ca && certificate.checkIssued(root) && certificate.verify(root.publicKey))),
  );
}

const isCurrent = ({ validFrom, validTo }: X509Certificate, now: Date) =>
  Date.parse(validFrom) <= now.getTime() && now.getTime() <= Date.parse(validTo);

function keyObjectOf(numbers: SecurityKeyNumbers): KeyObject {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const key =
    numbers.family === "ed25519"
      ? { kty: "OKP", crv: "Ed25519", x: text(numbers.publicBytes) }
      : {
          kty: "EC",
          crv: "P-256",
          x: text(numbers.point.subarray(1, 33)),
          y: text(numbers.point.subarray(33)),
        };
  return createPublicKey({ key, format: "jwk" });
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();

/** Node writes a name over several lines. */
const oneLine = (name: string) => name.split("\n").join(", ").slice(0, 300);
