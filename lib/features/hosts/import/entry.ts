/** One host as a text names it, before anything is checked. */
export interface ImportEntry {
  readonly line: number;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
}

/** A line that gives no host, and why. */
export interface SkippedLine {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

export interface ParsedImport {
  readonly entries: ImportEntry[];
  readonly skipped: SkippedLine[];
}

/** A port as people write it; undefined when it is none. */
export function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** "[host]:port", "host:port" or "host"; an IPv6 address without brackets has no port. */
export function parseHostAndPort(text: string): { address: string; port: number } | undefined {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(text);
  if (bracketed) {
    const port = bracketed[2] === undefined ? 22 : parsePort(bracketed[2]);
    return port === undefined ? undefined : { address: bracketed[1] ?? "", port };
  }
  const parts = text.split(":");
  if (parts.length !== 2) return { address: text, port: 22 };
  const port = parsePort(parts[1] ?? "");
  return port === undefined ? undefined : { address: parts[0] ?? "", port };
}

/** Numbered lines without what follows a comment sign at their start. */
export function linesOf(text: string): { number: number; text: string }[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ number: index + 1, text: line }))
    .filter(({ text: line }) => line.trim() !== "" && !/^\s*[#;]/.test(line));
}
