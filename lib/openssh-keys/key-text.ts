import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { keyTypeByName } from "@/lib/openssh-keys/key-types";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";

/** `TYPE BASE64` found in a line. */
export interface KeyText {
  readonly key: DecodedKey;
  /** As written, which may be another name of the key's type: "rsa-sha2-512". */
  readonly typeName: string;
  readonly base64: string;
  /** Where the base64 begins. */
  readonly base64At: number;
  /** Where the comment begins, behind the blanks; the end of the line when there is none. */
  readonly commentAt: number;
}

export interface KeyTextFault {
  readonly key?: undefined;
  readonly reason: string;
  /** The first word names a type of key, so this was meant to be one. */
  readonly namesType: boolean;
  readonly tooShort?: true;
}

/**
 * Reads `TYPE BASE64` at a place in a line as sshd does: exact names, blanks between, base64 with white space in it,
 * and the type on the line that of the blob.
 *
 * @param line without its newline and cut at a NUL, at which C stops reading
 * @param release of OpenSSH, whose key types count; every type when not given
 * @see sshkey.c:sshkey_read
 */
export function readKeyText(line: string, at: number, release?: number): KeyText | KeyTextFault {
  const typeEnd = skipWord(line, at);
  const typeName = line.slice(at, typeEnd);
  const named = keyTypeByName(typeName, release);
  if (!named) {
    const once = keyTypeByName(typeName);
    if (!once) return { reason: "no type of key stands here", namesType: false };
    return { reason: `this version of OpenSSH reads no keys of the type ${typeName}`, namesType: true };
  }
  const base64At = skipBlanks(line, typeEnd);
  const base64End = skipWord(line, base64At);
  const base64 = line.slice(base64At, base64End);
  if (base64 === "") return { reason: `no key stands behind ${typeName}`, namesType: true };
  const blob = decodeBase64(base64);
  if (!blob) return { reason: "the key is no base64", namesType: true };
  const reading = parsePublicKey(blob);
  if (!reading.key) return { ...reading, namesType: true };
  const { key } = reading;
  if (key.keyType !== named.type || !key.certificate === named.isCertificate) {
    return {
      reason: `the line says ${typeName}, the key inside is of the type ${key.type}`,
      namesType: true,
    };
  }
  return { key, typeName, base64, base64At, commentAt: skipBlanks(line, base64End) };
}

const [blank, tab] = [32, 9];

/** The first place from `at` on that is neither blank nor tab. */
export function skipBlanks(line: string, at: number): number {
  let place = at;
  for (; place < line.length; place++) {
    const code = line.charCodeAt(place);
    if (code !== blank && code !== tab) break;
  }
  return place;
}

/** The first blank, tab or end from `at` on. */
export function skipWord(line: string, at: number): number {
  let place = at;
  for (; place < line.length; place++) {
    const code = line.charCodeAt(place);
    if (code === blank || code === tab) break;
  }
  return place;
}
