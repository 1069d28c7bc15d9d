import { toByteString } from "@/lib/sshd-config/bytes";

/**
 * Does the whole text match the pattern, where `*` stands for any run of bytes and `?` for one byte?
 *
 * Case counts; there are no classes and no escapes. Linear in text × stars, whatever the pattern.
 *
 * @see OpenSSH match.c:match_pattern
 */
export function matchesPattern(text: string, pattern: string): boolean {
  return matchesBytes(toByteString(text), toByteString(pattern));
}

function matchesBytes(s: string, p: string): boolean {
  let i = 0;
  let j = 0;
  let star = -1;
  let retry = 0;
  while (i < s.length) {
    if (p[j] === "*") {
      star = j++;
      retry = i;
    } else if (j < p.length && (p[j] === "?" || p[j] === s[i])) {
      i++;
      j++;
    } else if (star >= 0) {
      j = star + 1;
      i = ++retry;
    } else return false;
  }
  while (p[j] === "*") j++;
  return j === p.length;
}

/** Of a pattern list: a negated item matched, no item matched, a plain item matched. */
export type ListMatch = -1 | 0 | 1;

/** sshd holds an item in 1024 bytes; a longer one fails the whole list. */
const maxItemBytes = 1022;

/**
 * Matches against a comma-separated list of patterns; `!` before an item negates it.
 *
 * The first negated item that matches decides. A list of negated items only never matches.
 *
 * @param lower compare the list's letters in lower case (host names); the text must be in lower case already
 * @see OpenSSH match.c:match_pattern_list
 */
export function matchPatternList(text: string, list: string, lower = false): ListMatch {
  if (list === "") return 0;
  let found: ListMatch = 0;
  const bytes = toByteString(text);
  const items = toByteString(list).split(",");
  // A comma at the very end opens no further item.
  if (items.at(-1) === "") items.pop();
  for (const item of items) {
    const negated = item.startsWith("!");
    const pattern = negated ? item.slice(1) : item;
    if (pattern.length > maxItemBytes) return 0;
    if (matchesBytes(bytes, lower ? lowerAscii(pattern) : pattern)) {
      if (negated) return -1;
      found = 1;
    }
  }
  return found;
}

/** Lower case as in the C locale: letters beyond ASCII stay. */
export function lowerAscii(text: string): string {
  if (!/[A-Z]/.test(text)) return text;
  // Nearly every text is ASCII, of which both say the same.
  return /^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}

/** Equal but for the case of ASCII letters, as strcasecmp(3). */
export function equalsIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && lowerAscii(a) === lowerAscii(b);
}
