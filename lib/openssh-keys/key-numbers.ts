import { curves, isPointOf } from "@/lib/openssh-keys/curve";
import type { KeyType } from "@/lib/openssh-keys/key-types";
import { encodeText, padMpint, printStrings, type WireReader } from "@/lib/openssh-keys/wire";

/** What follows the type's name in the blob of a plain key, and the nonce in a certificate. */
export interface KeyNumbers {
  readonly bits: number;
  /** Security keys only: what the authenticator calls the relying party, "ssh:" or a host name. */
  readonly application?: string;
  /** The plain key as OpenSSH itself would write it: equal keys have equal blobs, and fingerprints are taken of it. */
  readonly blob: Uint8Array;
}

const ed25519Bytes = 32;
const mldsa44Ed25519Bytes = 1312 + ed25519Bytes;
/** sshkey.h:SSH_RSA_MINIMUM_MODULUS_SIZE; RequiredRSASize asks for more. */
const fewestRsaBits = 1024;

/** Numbers that are not a key of the type; `tooShort` is the one fault that a list of revoked keys may have. */
export interface NumbersFault {
  readonly reason: string;
  readonly tooShort?: true;
}

/**
 * Reads the numbers of a key and checks what OpenSSH checks when it loads one: lengths, that the point lies on the
 * curve, that an RSA key has 1024 bits.
 *
 * @param whole the blob of a plain key that is being read, to be used again where it is spelled as OpenSSH does
 * @returns a reason in words when they are not a key of this type; never throws
 * @see deserialize_public in ssh-ed25519.c, ssh-ecdsa.c, ssh-rsa.c and ssh-dss.c; PROTOCOL.u2f
 */
export function readKeyNumbers(
  type: KeyType,
  reader: WireReader,
  whole?: Uint8Array,
): KeyNumbers | NumbersFault {
  const numbers = readNumbers(type, reader);
  if ("reason" in numbers) return numbers;
  const { bits, fields } = numbers;
  if (!type.isSecurityKey) return { bits, blob: spell(type, fields, whole) };
  const application = reader.readCString();
  if (application === undefined)
    return { reason: "the application of the security key is missing or holds a NUL" };
  return { bits, application, blob: spell(type, [...fields, encodeText(application)], whole) };
}

/** Every other spelling of a key is longer than OpenSSH's own, so one of equal length needs no second copy. */
function spell(type: KeyType, fields: readonly Uint8Array[], whole: Uint8Array | undefined): Uint8Array {
  const length = fields.reduce((sum, field) => sum + 4 + field.length, 4 + type.name.length);
  return whole?.length === length ? whole : printStrings([encodeText(type.name), ...fields]);
}

type Numbers = { readonly bits: number; readonly fields: readonly Uint8Array[] } | NumbersFault;

function readNumbers(type: KeyType, reader: WireReader): Numbers {
  switch (type.family) {
    case "ed25519":
      return readFixed(reader, ed25519Bytes);
    case "mldsa44-ed25519":
      return readFixed(reader, mldsa44Ed25519Bytes);
    case "ecdsa":
      return readPoint(type, reader);
    case "rsa":
      return readRsa(reader);
    case "dsa":
      return readDsa(reader);
  }
}

function readFixed(reader: WireReader, length: number): Numbers {
  const key = reader.readString();
  if (key?.length !== length) return { reason: `the key inside is not ${length} bytes long` };
  return { bits: 256, fields: [key] };
}

function readPoint({ curve: name }: KeyType, reader: WireReader): Numbers {
  if (!name || reader.readCString() !== name) return { reason: "the curve inside is not the type's" };
  const point = reader.readString();
  if (!point || !isPointOf(name, point)) return { reason: `the key inside is not a point of ${name}` };
  return { bits: curves[name].bits, fields: [encodeText(name), point] };
}

function readRsa(reader: WireReader): Numbers {
  const exponent = reader.readMpint();
  const modulus = exponent && reader.readMpint();
  if (!modulus) return { reason: "the RSA numbers are cut, negative or too long" };
  const bits = countBits(modulus);
  if (bits < fewestRsaBits) {
    return {
      reason: `an RSA key of ${bits} bits: OpenSSH reads none below ${fewestRsaBits}`,
      tooShort: true,
    };
  }
  return { bits, fields: [padMpint(exponent), padMpint(modulus)] };
}

function readDsa(reader: WireReader): Numbers {
  const numbers = [reader.readMpint(), reader.readMpint(), reader.readMpint(), reader.readMpint()];
  const [prime] = numbers;
  const fields = numbers.flatMap((number) => (number ? [padMpint(number)] : []));
  if (!prime || fields.length < numbers.length) {
    return { reason: "the DSA numbers are cut, negative or too long" };
  }
  return { bits: countBits(prime), fields };
}

/** Bits of a positive number without leading zeros. */
function countBits(magnitude: Uint8Array): number {
  const [first = 0] = magnitude;
  return first === 0 ? 0 : magnitude.length * 8 - Math.clz32(first) + 24;
}
