import type { Effective } from "@/lib/access/server";
import { keyTypeByName } from "@/lib/openssh-keys/key-types";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { equalBytes } from "@/lib/openssh-keys/wire";
import { knownAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { matchPatternList } from "@/lib/sshd-config/pattern";

/** A key or certificate as a client offers it. */
export interface OfferedKey extends DecodedKey {
  /** The blob as it was sent. */
  readonly sent: Uint8Array;
}

/** Why sshd does not even look whether the key is authorised. */
export interface KeyRefusal {
  readonly reason:
    | "unknown-algorithm"
    | "algorithm-not-accepted"
    | "not-a-key"
    | "type-mismatch"
    | "ca-algorithm-not-accepted"
    | "rsa-too-short";
  readonly text: string;
}

export const isSameBlob = equalBytes;

/** The smallest RSA key that any sshd loads. */
const smallestRsaBits = 1024;

/** An RSA key that is shorter is refused: RequiredRSASize, which exists from 9.1 on. */
export function requiredRsaBits(effective: Effective): number {
  return Math.max(smallestRsaBits, Number(effective.value("requiredrsasize")) || 0);
}

/** Does this build know the type of key at all? */
export function isTypeKnown(key: DecodedKey, build: Build): boolean {
  const { since = 0, until = Number.POSITIVE_INFINITY } = key.keyType;
  return build.release >= since && build.release <= until;
}

/**
 * Reads a key that is offered with a signature algorithm, by the checks that come before any file is read.
 *
 * @param accepted the keyword whose list has to hold the algorithm
 * @see OpenSSH auth2-pubkey.c:userauth_pubkey
 */
export function readOfferedKey(
  effective: Effective,
  accepted: "pubkeyacceptedalgorithms" | "hostbasedacceptedalgorithms",
  algorithm: string,
  sent: Uint8Array,
): { key: OfferedKey } | { key?: undefined; refusal: KeyRefusal } {
  const refuse = (reason: KeyRefusal["reason"], text: string) => ({ refusal: { reason, text } });
  const named = keyTypeByName(algorithm);
  if (!named || !isAlgorithmKnown(algorithm, effective.build))
    return refuse("unknown-algorithm", `This sshd does not know the algorithm ${algorithm}.`);
  if (matchPatternList(algorithm, effective.value(accepted)) !== 1)
    return refuse("algorithm-not-accepted", `${algorithm} is not among the algorithms that are accepted.`);
  const { key } = parsePublicKey(sent);
  if (!key || !isTypeKnown(key, effective.build)) return refuse("not-a-key", "sshd cannot read this key.");
  const wanted = named.isCertificate ? named.type.certificateName : named.type.name;
  if (key.type !== wanted)
    return refuse("type-mismatch", `A key of type ${key.type} cannot sign with ${algorithm}.`);
  const ca = key.certificate?.signatureAlgorithm;
  const caList = effective.value("casignaturealgorithms");
  if (ca !== undefined && caList !== "" && matchPatternList(ca, caList) !== 1)
    return refuse("ca-algorithm-not-accepted", `The authority signed with ${ca}, which is not accepted.`);
  if (key.keyType.family === "rsa" && key.bits < requiredRsaBits(effective))
    return refuse(
      "rsa-too-short",
      `An RSA key of ${key.bits} bits is shorter than ${requiredRsaBits(effective)}.`,
    );
  return { key: { ...key, sent } };
}

function isAlgorithmKnown(algorithm: string, build: Build): boolean {
  return knownAlgorithms("key", build).includes(algorithm);
}

/** Algorithms with which a key of this type can sign, in the order of preference of OpenSSH's client. */
export function algorithmsOf(type: string): readonly string[] {
  if (type === "ssh-rsa") return ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
  if (type === "ssh-rsa-cert-v01@openssh.com") {
    return [
      "rsa-sha2-512-cert-v01@openssh.com",
      "rsa-sha2-256-cert-v01@openssh.com",
      "ssh-rsa-cert-v01@openssh.com",
    ];
  }
  if (type === "sk-ecdsa-sha2-nistp256@openssh.com") return [type, `webauthn-${type}`];
  return [type];
}
