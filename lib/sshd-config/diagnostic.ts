/** error: sshd would refuse to start · warning: sshd starts, but this is not what was meant · info: worth knowing. */
export type Severity = "error" | "warning" | "info";

/** Replace `from`..`to` of the file `path` by `insert`. Offsets as in Diagnostic. */
export interface Edit {
  path: string;
  from: number;
  to: number;
  insert: string;
}

/** A safe way to settle a diagnostic. */
export interface Fix {
  /** For a button: "Remove this line". */
  label: string;
  /** To be done together; none overlaps another, and all offsets are those of the text before. */
  edits: readonly Edit[];
}

/** One finding about one place, as data: what, why, what to do. */
export interface Diagnostic {
  severity: Severity;
  /** Stable name for tests and filters, kebab-case: "unknown-keyword". */
  code: string;
  /** The file it is in, as given in the tree. */
  path: string;
  /** Counted from 1. */
  line: number;
  /** Offsets in that file's text (UTF-16 units), `from` included, `to` excluded. */
  from: number;
  to: number;
  /** One sentence: what is there. */
  what: string;
  /** Why it matters; may be empty. */
  why: string;
  /** What to do. */
  advice: string;
  /** What sshd itself prints, where it does. */
  sshd?: string;
  fix?: Fix;
}
