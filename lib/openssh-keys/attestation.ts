import { decodeCString, WireReader } from "@/lib/openssh-keys/wire";

/** What ssh-keygen writes with `-O write-attestation=FILE`. Nobody has checked it yet. */
export interface AttestationFile {
  /** 0: of OpenSSH 8.2 and 8.3, without what was signed. */
  readonly version: 0 | 1;
  /** X.509, DER; empty when the authenticator attests with the new key itself, or not at all. */
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  /** The authenticator's data, without its CBOR head; undefined in version 0. */
  readonly authenticatorData?: Uint8Array;
}

export type AttestationReading =
  | { readonly attestation: AttestationFile }
  | { readonly attestation?: undefined; readonly reason: string };

const versions: Readonly<Record<string, 0 | 1>> = { "ssh-sk-attest-v00": 0, "ssh-sk-attest-v01": 1 };

/**
 * Reads an attestation file.
 *
 * @returns a reason in words for what is none; never throws
 * @see PROTOCOL.u2f "SSH U2F Attestation"; ssh-keygen.c:save_attestation
 */
export function parseAttestation(bytes: Uint8Array): AttestationReading {
  const reader = new WireReader(bytes);
  const magic = reader.readString();
  const version = versions[(magic && decodeCString(magic)) ?? ""];
  if (version === undefined)
    return { reason: "this is no attestation of ssh-keygen: it begins with ssh-sk-attest" };
  const certificate = reader.readString();
  const signature = reader.readString();
  const data = version === 1 ? reader.readString() : undefined;
  const reservedFlags = reader.readUint32();
  const reserved = reader.readString();
  if (!certificate || !signature || reservedFlags === undefined || !reserved || !reader.isAtEnd)
    return { reason: "the attestation is cut or damaged" };
  if (data?.length === 0) return { reason: "the authenticator has attested nothing" };
  if (version === 0) return { attestation: { version, certificate, signature } };
  const authenticatorData = data && readCborBytes(data);
  if (!authenticatorData) return { reason: "the attestation is cut or damaged: the authenticator's data" };
  return { attestation: { version, certificate, signature, authenticatorData } };
}

/** The content of a byte string of CBOR that fills the whole (RFC 8949, 3.1). */
function readCborBytes(bytes: Uint8Array): Uint8Array | undefined {
  const [head, next, low] = bytes;
  if (head === undefined || head >> 5 !== 2) return undefined;
  const short = head & 0x1f;
  if (short < 24) return whole(bytes.subarray(1), short);
  if (short === 24 && next !== undefined) return whole(bytes.subarray(2), next);
  if (short === 25 && next !== undefined && low !== undefined)
    return whole(bytes.subarray(3), (next << 8) | low);
  return undefined;
}

const whole = (bytes: Uint8Array, length: number) => (bytes.length === length ? bytes : undefined);
