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

/** One line as sshd sees it. A NUL cuts a line and glues the next one on, so a line of sshd may span two of the text. */
export interface Line {
  /** As sshd counts, from 1. */
  number: number;
  /** Where the line begins in the file's text, leading blanks included, and ends, line end excluded. */
  from: number;
  to: number;
  /** The text of the line with its end, exactly as it stands: all lines joined are the file. */
  text: string;
  /** What sshd works on: no blanks around, cut at the first `#` up to OpenSSH 8.6. */
  content: string;
  kind: "blank" | "comment" | "directive";
  /** Absent on blank and comment lines. Its value is spelled as in the file. */
  keyword?: Word;
  /**
   * The rest of `content` after the keyword and its separator; undefined when nothing at all follows.
   * Directives that take a command use it as it stands.
   */
  rest?: Word;
  /** The words after the keyword. With unbalanced quotes: those before them. */
  args: readonly Word[];
  unbalanced: boolean;
  /** Where a trailing comment begins, for sshd's that allow one. */
  commentFrom?: number;
}

export type DirectiveLine = Line & { keyword: Word };

export function isDirective(line: Line): line is DirectiveLine {
  return line.keyword !== undefined;
}

/** A whole file, nothing lost. */
export interface Document {
  lines: readonly Line[];
}
