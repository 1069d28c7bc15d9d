/** What a spreadsheet would take for a formula. */
const formula = /^[=+\-@\t\r]/;
/** Terminal escapes and line ends: they would act in a terminal, or break the row. */
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * One cell of a CSV file (RFC 4180). Text of a host can neither be a formula nor an escape: what begins like a formula
 * gets an apostrophe in front, which makes it text for every spreadsheet, and control characters are written out.
 */
export function csvCell(text: string): string {
  const guarded = formula.test(text) ? `'${text}` : text;
  const plain = guarded.replace(
    control,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return /[",;\s]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** A decoder costs more than a short name does, and keys are made of them; this many characters fit into one call. */
const shortText = 64;

/**
 * UTF-8 as text; when it is none, each byte beyond ASCII stands as the lone surrogate U+DC00 + byte.
 *
 * So different bytes are never the same text, and names from hosts can be compared as text.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length <= shortText && bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
    return text;
  }
}
