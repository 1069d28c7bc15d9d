import type { CurveName } from "@/lib/openssh-keys/key-types";

/** y² = x³ - 3x + b over the integers modulo p (FIPS 186-4, D.1.2). */
interface Curve {
  readonly bytes: number;
  readonly bits: number;
  readonly p: bigint;
  readonly b: bigint;
}

export const curves: Record<CurveName, Curve> = {
  nistp256: {
    bytes: 32,
    bits: 256,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  nistp384: {
    bytes: 48,
    bits: 384,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  nistp521: {
    bytes: 66,
    bits: 521,
    p: 2n ** 521n - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

const uncompressed = 4;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * The bytes are a point of the curve as OpenSSH accepts it: uncompressed, with both coordinates below p.
 *
 * @see SEC 1, 2.3.4; sshbuf-getput-crypto.c:get_ec, EC_POINT_oct2point(3)
 */
export function isPointOf(curve: CurveName, point: Uint8Array): boolean {
  const { bytes, p, b } = curves[curve];
  if (point.length !== 1 + 2 * bytes || point[0] !== uncompressed) return false;
  const x = toNumber(point.subarray(1, 1 + bytes));
  const y = toNumber(point.subarray(1 + bytes));
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}

function toNumber(bytes: Uint8Array): bigint {
  let digits = "0x";
  for (const byte of bytes) digits += hex[byte];
  return BigInt(digits);
}
