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

/**
 * Characters that can lie about what is shown, by their Unicode categories: controls (Cc: C0 and C1, so terminal
 * escapes), formats (Cf: bidirectional marks and overrides, zero-width characters, soft hyphen, tags), lone
 * surrogates, line and paragraph separators, private use, variation selectors; and letters that are drawn as
 * nothing (Hangul fillers, Khmer inherent vowels, the combining grapheme joiner). components/ui/visible-text.ts, which
 * imports nothing of ours, makes the same ones visible.
 */
export const deceptiveCharacters =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Variation_Selector}\u{115f}\u{1160}\u{3164}\u{ffa0}\u{e0000}-\u{e0fff}]|\u{34f}|\u{17b4}|\u{17b5}/gu;

/** Whether a text shows as what it is, to whoever reads it, wherever it stands; line ends and tabs are no text of one line. */
export function isVisibleText(text: string): boolean {
  return text.search(deceptiveCharacters) < 0;
}

/** The same of a text of several lines. */
export function areVisibleLines(text: string): boolean {
  return isVisibleText(text.replace(/\r?\n|\t/g, ""));
}

/** What is wrong with a text that is not visible. */
export const notVisible =
  "Only characters that can be seen: none that are invisible or change the direction of others.";
