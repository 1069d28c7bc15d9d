/** Standard base64 (RFC 4648, section 4), with padding. */
export function printBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Base64 for URLs (RFC 4648, section 5), without padding. */
export function printBase64Url(bytes: Uint8Array): string {
  return printBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The bytes of a base64 text; undefined unless it is exactly what `printBase64` would write.
 *
 * Strict on purpose: two spellings of one key would be two keys to whoever compares text.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return printBase64(bytes) === text ? bytes : undefined;
}

const digits = new Int8Array(256).fill(-1);
for (const [value, character] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries()) {
  digits[character.charCodeAt(0)] = value;
}
const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13);
const pad = "=".charCodeAt(0);

/**
 * The bytes of a base64 text as OpenSSH reads it: white space anywhere is skipped, padding is due, and bits beyond
 * the last byte must be zero.
 *
 * For reading what sshd would read. For everything else there is `parseBase64`, which knows one spelling only.
 *
 * @returns undefined for what OpenSSH refuses; never throws
 * @see openbsd-compat/base64.c:b64_pton, which glibc's is too
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let group = 0;
  let filled = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const digit = code < 256 ? digits[code]! : -1;
    if (digit < 0) {
      if (code === pad) break;
      if (isSpace(code)) continue;
      return undefined;
    }
    group = (group << 6) | digit;
    if (++filled < 4) continue;
    bytes[length++] = group >> 16;
    bytes[length++] = group >> 8;
    bytes[length++] = group;
    group = 0;
    filled = 0;
  }
  if (at === text.length) return filled === 0 ? bytes.subarray(0, length) : undefined;
  const tail = text.slice(at).replace(/[ \t\n\v\f\r]+/g, "");
  if (filled === 2 && tail === "==" && (group & 0xf) === 0) {
    bytes[length++] = group >> 4;
  } else if (filled === 3 && tail === "=" && (group & 0x3) === 0) {
    bytes[length++] = group >> 10;
    bytes[length++] = group >> 2;
  } else return undefined;
  return bytes.subarray(0, length);
}
