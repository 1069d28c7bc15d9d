import { AgentError } from "@/lib/agent/errors";

/** The rows that an answer of `facts` is made of: fields between tabs, one row a line. All of it is text of a host. */

/** More than the agent's own caps lead to. */
const mostRows = 200_000;
const mostRowBytes = 64 * 1024;
const mostFieldCharacters = 16_384;

/** An answer that is none, in one sentence. */
export function malformed(what: string): AgentError {
  return new AgentError("malformed", `The host's agent answered "facts" with ${what}.`);
}

/** The rows of a part, one after the other: fields between tabs, decoded. @throws AgentError "malformed" */
export function* rowsOf(bytes: Buffer): Generator<string[]> {
  let offset = 0;
  for (let count = 0; offset < bytes.length; count++) {
    const end = bytes.indexOf(0x0a, offset);
    if (end < 0) throw malformed("a row that does not end");
    if (count >= mostRows) throw malformed(`more than ${mostRows} rows`);
    if (end - offset > mostRowBytes) throw malformed("a row that is too long");
    yield bytes.toString("latin1", offset, end).split("\t").map(decodeField);
    offset = end + 1;
  }
}

/** `-` is the empty word, `%XX` a byte. What is no UTF-8 comes as U+FFFD. */
function decodeField(field: string): string {
  if (field.length > mostFieldCharacters) throw malformed("a field that is too long");
  if (/[^!-~]/.test(field)) throw malformed("a field with bytes that are not escaped");
  if (field === "-") return "";
  if (!field.includes("%")) return field;
  const bytes = field.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\0", "\uFFFD");
}

/** A count, an id or a mode. @throws AgentError "malformed" */
export function numberOf(field: string | undefined): number {
  if (field === undefined || !/^\d{1,10}$/.test(field)) throw malformed("a row without its number");
  return Number(field);
}

/** Days since 1970-01-01; undefined where shadow(5) says nothing. */
export function daysOf(field: string | undefined): number | undefined {
  return field && /^\d{1,8}$/.test(field) ? Number(field) : undefined;
}

/** Bytes of a file. @throws AgentError "malformed" */
export function sizeOf(field: string | undefined): number {
  if (field === undefined || !/^\d{1,15}$/.test(field)) throw malformed("a file without its size");
  return Number(field);
}

/** A path from the root. @throws AgentError "malformed" */
export function absolute(path: string): string {
  if (!path.startsWith("/")) throw malformed("a path that is none");
  return path;
}
