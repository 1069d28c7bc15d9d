import { findDisguise } from "@/lib/authorized-keys/one-line";
import { readPastedKey } from "@/lib/openssh-keys/pasted-key";

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

const mostKeys = 100;
const mostRefused = 50;
const shownLength = 160;

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
      refused.push({ number, text: shown(raw), reason: `More than ${mostKeys} keys stand here.` });
  }
  return { keys: [...keys.values()], refused };
}

function readLine(raw: string, number: number): OfferedKey | RefusedLine | undefined {
  const content = raw.trim();
  if (content === "" || content.startsWith("#")) return undefined;
  const refuse = (reason: string): RefusedLine => ({ number, text: shown(raw), reason });
  // A zero ends what sshd reads, a direction mark turns what people read: neither stands in an honest line.
  if (findDisguise(content)) return refuse(`The line ${findDisguise(content)}.`);
  const reading = readPastedKey(content);
  if (!reading.pasted) return refuse(reading.reason);
  const { key, fingerprint, comment } = reading.pasted;
  return { number, type: key.type, blob: key.blob, bits: key.bits, fingerprint, comment };
}

/** PostgreSQL holds neither a zero nor half a character. */
function shown(raw: string): string {
  return raw.slice(0, shownLength).replaceAll("\0", "\uFFFD").toWellFormed();
}
