import type { Keyword } from "@/lib/sshd-config/keyword";

/** A file of the tree that sshd reads, with its absolute path. In a tree the first file is the main one. */
export interface ConfigFile {
  path: string;
  text: string;
}

/** A keyword or an argument as sshd understands it (quotes and escapes resolved), and where it stands. */
export interface Word {
  value: string;
  /** Offsets in the file's text (UTF-16 units), quotes included; `to` excluded. */
  from: number;
  to: number;
}

/**
 * One line as sshd sees it. A NUL cuts a line and glues the next one on, so a line of sshd may span two of the text.
 *
 * A file may have a hundred thousand of them: what is a text or a list here is cut out when it is asked for.
 */
export interface Line {
  /** As sshd counts, from 1. */
  number: number;
  /** Where the line begins in the file's text, leading blanks included, and ends, line end excluded. */
  readonly from: number;
  readonly to: number;
  /** The text of the line with its end, exactly as it stands: all lines joined are the file. */
  readonly text: string;
  /** What sshd works on: no blanks around, cut at the first `#` up to OpenSSH 8.6. */
  readonly content: string;
  readonly kind: "blank" | "comment" | "directive";
  /** What the table knows about the keyword, for whatever build; undefined when it does not know it. */
  readonly entry: Keyword | undefined;
  /** The value of `keyword`; "" on blank and comment lines. */
  readonly spelled: string;
  /** Undefined on blank and comment lines. Its value is spelled as in the file. */
  readonly keyword: Word | undefined;
  /**
   * The rest of `content` after the keyword and its separator; undefined when nothing at all follows.
   * Directives that take a command use it as it stands.
   */
  readonly rest: Word | undefined;
  /** The value of `rest`. */
  readonly restText: string | undefined;
  /** The words after the keyword. With unbalanced quotes: those before them. */
  readonly args: readonly Word[];
  /** How many they are. */
  readonly count: number;
  /** The value of one of them; undefined behind the last. */
  valueAt(index: number): string | undefined;
  /** Where one of them begins and ends in the file's text. */
  fromAt(index: number): number;
  toAt(index: number): number;
  /** Do all words stand in the text as sshd reads them, with nothing but blanks and tabs between them? */
  readonly isPlain: boolean;
  readonly unbalanced: boolean;
  /** Where a trailing comment begins, for sshd's that allow one. */
  readonly commentFrom: number | undefined;
  /** Does a blank or tab stand before everything else? */
  readonly isIndented: boolean;
}

export type DirectiveLine = Line & { readonly keyword: Word };

export function isDirective(line: Line): line is DirectiveLine {
  return line.kind === "directive";
}

/** A whole file, nothing lost. */
export interface Document {
  readonly lines: readonly Line[];
}
