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
