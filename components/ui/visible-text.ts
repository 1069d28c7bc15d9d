/**
 * Characters that can lie about what is shown, by their Unicode categories: controls (Cc: C0 and C1, so terminal
 * escapes), formats (Cf: bidirectional marks and overrides, zero-width characters, soft hyphen, tags), lone
 * surrogates, line and paragraph separators, private use, variation selectors; and letters that are drawn as
 * nothing (Hangul fillers, Khmer inherent vowels, the combining grapheme joiner).
 */
export const deceptiveCharacters =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Variation_Selector}\u{115f}\u{1160}\u{3164}\u{ffa0}\u{e0000}-\u{e0fff}]|\u{34f}|\u{17b4}|\u{17b5}/gu;

export interface TextPart {
  text: string;
  /** A visible escape that stands for a character which must not take effect. */
  escaped: boolean;
  /** Offset of the part in the original, in UTF-16 units. */
  offset: number;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x09) return "\\t";
  if (code === 0x0a) return "\\n";
  if (code === 0x0d) return "\\r";
  if (code === 0x1b) return "\\e";
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}

/**
 * A text of a stranger as parts that may be shown: deceptive characters become visible escapes.
 *
 * @param keep characters that may take effect after all: "\n\t" in a log
 * @returns in order; nothing is dropped, so the original can be told from the parts
 */
export function visibleParts(text: string, keep = ""): TextPart[] {
  const parts: TextPart[] = [];
  let plainFrom = 0;
  const flush = (until: number) => {
    if (until > plainFrom)
      parts.push({ text: text.slice(plainFrom, until), escaped: false, offset: plainFrom });
  };
  for (const hit of text.matchAll(deceptiveCharacters)) {
    if (keep.includes(hit[0])) continue;
    flush(hit.index);
    parts.push({ text: escapeOf(hit[0]), escaped: true, offset: hit.index });
    plainFrom = hit.index + hit[0].length;
  }
  flush(text.length);
  return parts;
}

/** The same as one string, for attributes such as `title`. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => part.text)
    .join("");
}
