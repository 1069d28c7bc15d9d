/** A word and where it stood; offsets count from the start of the text that was given. */
export interface Token {
  value: string;
  from: number;
  to: number;
}

/** Is it one of `" \t\r\n"`? */
const isBlank = (code: number) => code === 32 || code === 9 || code === 13 || code === 10;
const quoteMark = 34;
const equalsSign = 61;

/** The first index at or after `at` where no white space (`" \t\r\n"`) stands. */
export function skipBlanks(text: string, at: number): number {
  let i = at;
  while (i < text.length && isBlank(text.charCodeAt(i))) i++;
  return i;
}

export interface Delimited {
  /** Undefined: a double quote is never closed. */
  token: Token | undefined;
  /** Where to go on; undefined when the text is used up without a separator. */
  next: number | undefined;
}

/**
 * One word up to white space, one `=` or a closing double quote, and the place after its separator.
 *
 * Every version reads keywords this way; up to 8.6 all arguments, up to 9.8 the arguments of Match.
 * SetEnv alone does not take `=` for a separator.
 * A quote may begin inside a word; what is before it is kept, and the word ends at the closing quote.
 *
 * @see OpenSSH misc.c:strdelim
 */
export function readDelimited(text: string, at: number, splitsAtEquals = true): Delimited {
  let i = at;
  let code = -1;
  for (; i < text.length; i++) {
    code = text.charCodeAt(i);
    if (isBlank(code) || code === quoteMark || (code === equalsSign && splitsAtEquals)) break;
  }
  if (i >= text.length)
    return { token: { value: text.slice(at), from: at, to: text.length }, next: undefined };
  if (code === quoteMark) {
    const close = text.indexOf('"', i + 1);
    if (close < 0) return { token: undefined, next: undefined };
    const value = text.slice(at, i) + text.slice(i + 1, close);
    return { token: { value, from: at, to: close + 1 }, next: skipBlanks(text, close + 1) };
  }
  const token = { value: text.slice(at, i), from: at, to: i };
  let next = skipBlanks(text, i + 1);
  if (splitsAtEquals && code !== equalsSign && text.charCodeAt(next) === equalsSign)
    next = skipBlanks(text, next + 1);
  return { token, next };
}

export interface Words {
  tokens: Token[];
  /** A quote is never closed; `tokens` are the words before it. */
  unbalanced: boolean;
  /** Where a comment begins that ended the list. */
  commentFrom?: number;
}

/** All words by `readDelimited`. A closing quote or `=` at the very end yields a last empty word, as in sshd. */
export function splitDelimited(text: string, at: number | undefined, splitsAtEquals = true): Words {
  const tokens: Token[] = [];
  let next = at;
  while (next !== undefined) {
    const read = readDelimited(text, next, splitsAtEquals);
    if (!read.token) return { tokens, unbalanced: true };
    tokens.push(read.token);
    next = read.next;
  }
  return { tokens, unbalanced: false };
}

/** None of blank, tab, quotes and backslash. */
const isPlain = (code: number) =>
  code !== 32 && code !== 9 && code !== quoteMark && code !== 39 && code !== 92;

/**
 * All words by the rules from 8.7 on: blank and tab separate, both quotes may join inside a word, a backslash
 * escapes quotes, itself and (outside quotes) a blank, a word that begins with `#` ends the list.
 *
 * @see OpenSSH misc.c:argv_split
 */
export function splitArguments(text: string, at: number): Words {
  const tokens: Token[] = [];
  let i = at;
  while (i < text.length) {
    const first = text.charCodeAt(i);
    if (first === 32 || first === 9) {
      i++;
      continue;
    }
    if (first === 35) return { tokens, unbalanced: false, commentFrom: i };
    const from = i;
    while (i < text.length && isPlain(text.charCodeAt(i))) i++;
    let value = text.slice(from, i);
    let quote = "";
    for (; i < text.length; i++) {
      const c = text[i]!;
      const after = text[i + 1];
      if (c === "\\" && (after === "'" || after === '"' || after === "\\" || (!quote && after === " "))) {
        i++;
        value += after;
      } else if (!quote && (c === " " || c === "\t")) break;
      else if (!quote && (c === '"' || c === "'")) quote = c;
      else if (quote && c === quote) quote = "";
      else value += c;
    }
    if (quote) return { tokens, unbalanced: true };
    tokens.push({ value, from, to: i });
  }
  return { tokens, unbalanced: false };
}
