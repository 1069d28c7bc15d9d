/**
 * sshd works on bytes, we on UTF-16. A byte that is no UTF-8 stands in our texts as the lone surrogate
 * U+DC00 + byte, so that every file can be read, shown and given back.
 */

const encoder = new TextEncoder();

/** The text as one character a byte; the same string when all of it is ASCII. */
export function toByteString(text: string): string {
  return /[^\u0000-\u007f]/.test(text) ? text.replace(/[^\u0000-\u007f]+/g, bytesOf) : text;
}

function bytesOf(letters: string): string {
  let bytes = "";
  for (const character of letters) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes += String.fromCharCode(code - 0xdc00);
    else for (const byte of encoder.encode(character)) bytes += String.fromCharCode(byte);
  }
  return bytes;
}

const messageBytes = 1023;
const lineBytes = 1021;

/**
 * One line as sshd logs it on standard error, without its line end: bytes beyond ASCII and control bytes as
 * octal escapes, backslashes doubled, cut at 1021 bytes.
 *
 * @see OpenSSH log.c:do_log, strnvis(3) with VIS_SAFE|VIS_OCTAL
 */
export function logLine(text: string): string {
  const bytes = toByteString(text).slice(0, messageBytes);
  if (/^[ !-[\]-~]*$/.test(bytes)) return bytes.slice(0, lineBytes);
  let line = "";
  for (const byte of bytes) {
    const shown = escapeByte(byte);
    if (line.length + shown.length > messageBytes) break;
    line += shown;
  }
  return line.slice(0, lineBytes);
}

function escapeByte(byte: string): string {
  if (byte === "\\") return "\\\\";
  if (/[ -~\t\n\b\u0007\r]/.test(byte)) return byte;
  return `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
