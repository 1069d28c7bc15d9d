import { readKeyNumbers } from "@/lib/openssh-keys/key-numbers";
import { keyTypeByName } from "@/lib/openssh-keys/key-types";
import { decodeCString, WireReader } from "@/lib/openssh-keys/wire";

/** An OpenSSH certificate: somebody's key, and what the CA says about it. Nobody has checked the signature yet. */
export interface Certificate {
  /** "ssh-ed25519-cert-v01@openssh.com" */
  readonly type: string;
  /** The blob of the plain key that is certified. */
  readonly publicKey: Uint8Array;
  readonly serial: bigint;
  readonly kind: "user" | "host";
  readonly keyId: string;
  /** Account names or what the server maps to them; host names in a host's certificate. In order, repeats kept. */
  readonly principals: readonly string[];
  /** Seconds since 1970; valid from then on. */
  readonly validAfter: bigint;
  /** Seconds since 1970; not valid at that second any more. 2^64 - 1 means for ever. */
  readonly validBefore: bigint;
  readonly criticalOptions: readonly CertificateOption[];
  readonly extensions: readonly CertificateOption[];
  /** The blob of the CA's plain key. */
  readonly signatureKey: Uint8Array;
  /** As the signature names it: "rsa-sha2-512". What CASignatureAlgorithms is compared with. */
  readonly signatureAlgorithm: string;
  /** All that the CA signed. */
  readonly signedPart: Uint8Array;
  /** As it stands: algorithm, then the signature itself. */
  readonly signature: Uint8Array;
}

/** One option or extension. The data of a flag is empty; of the others it holds one string. */
export interface CertificateOption {
  /** Undefined when it is no C string, which sshd refuses at the login. */
  readonly name: string | undefined;
  readonly data: Uint8Array;
}

export type CertificateReading = { readonly certificate: Certificate } | { readonly reason: string };

const mostPrincipals = 256;
const kinds: Readonly<Record<number, Certificate["kind"]>> = { 1: "user", 2: "host" };

/**
 * Reads a certificate, with every check that OpenSSH makes when it loads one except that of the signature.
 *
 * @returns a reason in words when OpenSSH would not load it; never throws
 * @see PROTOCOL.certkeys; sshkey.c:cert_parse
 */
export function parseCertificate(blob: Uint8Array): CertificateReading {
  const reader = new WireReader(blob);
  const named = keyTypeByName(reader.readCString() ?? "");
  if (!named?.isCertificate) return { reason: "not a certificate of a type that OpenSSH knows" };
  if (!reader.readString()) return { reason: "the certificate is cut" };
  const key = readKeyNumbers(named.type, reader);
  if ("reason" in key) return key;

  const serial = reader.readUint64();
  const kindNumber = reader.readUint32();
  const keyId = reader.readCString();
  const principalsPart = reader.readString();
  const validAfter = reader.readUint64();
  const validBefore = reader.readUint64();
  const criticalPart = reader.readString();
  const extensionsPart = reader.readString();
  reader.readString();
  const caPart = reader.readString();
  const signedLength = reader.offset;
  const signature = reader.readString();
  if (
    serial === undefined ||
    kindNumber === undefined ||
    keyId === undefined ||
    !principalsPart ||
    validAfter === undefined ||
    validBefore === undefined ||
    !criticalPart ||
    !extensionsPart ||
    !caPart ||
    !signature
  ) {
    return { reason: "the certificate is cut, or its key ID holds a NUL" };
  }
  const kind = kinds[kindNumber];
  if (!kind) return { reason: `a certificate of the unknown kind ${kindNumber}` };
  const principals = readPrincipals(principalsPart);
  if (!principals)
    return { reason: `the principals are cut, hold a NUL, or are more than ${mostPrincipals}` };
  const criticalOptions = readOptions(criticalPart);
  const extensions = readOptions(extensionsPart);
  if (!criticalOptions || !extensions) return { reason: "the options of the certificate are cut" };
  const signatureKey = readSignatureKey(caPart);
  if (!signatureKey) return { reason: "the CA's key inside is none" };
  const signatureAlgorithm = new WireReader(signature).readCString();
  if (signatureAlgorithm === undefined) return { reason: "the signature is cut" };
  if (!reader.isAtEnd) return { reason: "bytes stand after the certificate" };
  return {
    certificate: {
      type: named.type.certificateName,
      publicKey: key.blob,
      serial,
      kind,
      keyId,
      principals,
      validAfter,
      validBefore,
      criticalOptions,
      extensions,
      signatureKey,
      signatureAlgorithm,
      signedPart: blob.subarray(0, signedLength),
      signature,
    },
  };
}

function readPrincipals(bytes: Uint8Array): string[] | undefined {
  const reader = new WireReader(bytes);
  const principals: string[] = [];
  while (!reader.isAtEnd) {
    const principal = reader.readCString();
    if (principal === undefined || principals.length >= mostPrincipals) return undefined;
    principals.push(principal);
  }
  return principals;
}

function readOptions(bytes: Uint8Array): CertificateOption[] | undefined {
  const reader = new WireReader(bytes);
  const options: CertificateOption[] = [];
  while (!reader.isAtEnd) {
    const name = reader.readString();
    const data = reader.readString();
    if (!name || !data) return undefined;
    options.push({ name: decodeCString(name), data });
  }
  return options;
}

/** A CA is a plain key of any type, never a certificate itself. */
function readSignatureKey(blob: Uint8Array): Uint8Array | undefined {
  const reader = new WireReader(blob);
  const named = keyTypeByName(reader.readCString() ?? "");
  if (!named || named.isCertificate) return undefined;
  const key = readKeyNumbers(named.type, reader);
  return "reason" in key || !reader.isAtEnd ? undefined : key.blob;
}
