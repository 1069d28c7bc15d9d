import { findDisguise } from "@/lib/authorized-keys/one-line";
import { parseAuthorizedKeysLine } from "@/lib/authorized-keys/parse";
import { fingerprint } from "@/lib/openssh-keys/public-key";

/** A key that may be proposed. */
export interface OfferedKey {
  readonly number: number;
  readonly type: string;
  readonly blob: Uint8Array;
  readonly bits: number;
  readonly fingerprint: string;
  /** Printable ASCII; may be empty. */
  readonly comment: string;
}

/** A line that holds no key to propose, and why. */
export interface RefusedLine {
  readonly number: number;
  /** Its beginning, as it stands: text of strangers. */
  readonly text: string;
  readonly reason: string;
}

export interface ImportedLines {
  readonly keys: readonly OfferedKey[];
  readonly refused: readonly RefusedLine[];
}

/** RSA keys below this are weak: NIST SP 800-131A; OpenSSH's own RequiredRSASize is 1,024. */
const leastRsaBits = 2048;
const mostKeys = 100;
const mostRefused = 50;
const shownLength = 160;
const longestComment = 200;

/**
 * The keys in a text that strangers wrote, line by line. Total: what is no plain public key is refused with a reason.
 *
 * Options are refused and not dropped: whoever published `command="…" ssh-ed25519 …` did not publish that key without.
 */
export function readImportedLines(text: string): ImportedLines {
  const keys = new Map<string, OfferedKey>();
  const refused: RefusedLine[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const number = index + 1;
    const reading = readLine(raw, number);
    if (reading === undefined) continue;
    if ("reason" in reading) {
      if (refused.length < mostRefused) refused.push(reading);
    } else if (keys.size < mostKeys || keys.has(reading.fingerprint)) {
      if (!keys.has(reading.fingerprint)) keys.set(reading.fingerprint, reading);
    } else if (refused.length < mostRefused)
      refused.push({ number, text: shown(raw), reason: `more than ${mostKeys} keys stand here` });
  }
  return { keys: [...keys.values()], refused };
}

function readLine(raw: string, number: number): OfferedKey | RefusedLine | undefined {
  const refuse = (reason: string): RefusedLine => ({ number, text: shown(raw), reason });
  if (raw.includes("\0")) return refuse("the line holds a zero byte");
  const line = parseAuthorizedKeysLine(raw, number);
  if (line.kind === "blank" || line.kind === "comment") return undefined;
  if (line.kind === "broken") return refuse(line.reason);
  const { key, optionsText, comment } = line;
  if (optionsText !== "") return refuse("the key carries options, which are not imported");
  if (key.certificate) return refuse("a certificate is no key of its own");
  if (key.keyType.family === "dsa") return refuse("DSA keys are broken, and OpenSSH reads them no more");
  if (key.keyType.family === "rsa" && key.bits < leastRsaBits)
    return refuse(`an RSA key of ${key.bits} bits is too weak; ${leastRsaBits} are the least`);
  const disguise = findDisguise(comment);
  if (disguise) return refuse(`the comment ${disguise}`);
  return {
    number,
    type: key.type,
    blob: key.blob,
    bits: key.bits,
    fingerprint: fingerprint(key.blob),
    comment: comment
      .replace(/[^\x20-\x7e]/g, "")
      .trim()
      .slice(0, longestComment),
  };
}

/** PostgreSQL holds neither a zero nor half a character. */
function shown(raw: string): string {
  return raw.slice(0, shownLength).replaceAll("\0", "\uFFFD").toWellFormed();
}
