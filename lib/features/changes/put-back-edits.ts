import { createHash } from "node:crypto";
import { listOptions, type WrittenOption } from "@/lib/authorized-keys/option-list";
import type { OptionsContext } from "@/lib/authorized-keys/options";
import { type KeyLine, parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import type { EditedKeys, KeyEdits } from "@/lib/features/changes/key-edits";
import { fingerprintOf, lineSha256 } from "@/lib/ssh/keys";
import { toByteString } from "@/lib/sshd-config/bytes";

/** A kept change of a key file, as far as it is to be undone. */
export interface KeptKeyChange {
  readonly id: string;
  readonly baseSha256: string;
  /** As people read it: what is no text shows as such. */
  readonly baseContent: string;
  readonly newSha256: string;
  /** The file as it was written. */
  readonly keyBytes: Uint8Array | null;
}

/**
 * The edits that undo a kept change of a key file: lines that it brought go, lines that it took away come back.
 *
 * @returns none when it has changed no line with a key
 */
export function putBackEdits(change: KeptKeyChange, context: OptionsContext): KeyEdits {
  const [was, is] = [change.baseContent, change.keyBytes ?? new Uint8Array()];
  const [before, after] = [keyLines(was, context), keyLines(is, context)];
  const brought = without(after, before).map((line): KeyEdits[number] => ({
    kind: "remove",
    fingerprint: fingerprintOf(line.key.blob),
    seen: { line: line.number, sha256: lineSha256(line) },
  }));
  const taken = without(before, after).map((line): KeyEdits[number] => ({
    kind: "add",
    fingerprint: fingerprintOf(line.key.blob),
    blob: Buffer.from(line.key.blob).toString("base64"),
    comment: line.comment.replace(/[^\x20-\x7e]/g, "").slice(0, 300),
    options: listOptions(line.optionsText).map(
      ({ name, value }): WrittenOption => (value === undefined ? { name } : { name, value }),
    ),
  }));
  if (brought.length + taken.length === 0) return [];
  // A line that sshd skips and that went with its key does not come back: nobody could see whose it is.
  const isExact = otherLines(was, context) === otherLines(is, context);
  return [...brought, ...taken, ...(isExact ? [{ kind: "back" as const, changeId: change.id }] : [])];
}

/**
 * The file as it was before the change, byte for byte, when nobody has touched it since; undefined otherwise, or where
 * those bytes were not kept (a file that was not there, or that is no text): then the edits put its lines back.
 *
 * @param sha256 of the file as it is now
 */
export function exactlyBefore(change: KeptKeyChange, sha256: string): EditedKeys | undefined {
  if (sha256 !== change.newSha256) return undefined;
  const bytes = Buffer.from(toByteString(change.baseContent), "latin1");
  if (createHash("sha256").update(bytes).digest("hex") !== change.baseSha256) return undefined;
  return { text: change.baseContent, bytes };
}

function keyLines(source: string | Uint8Array, context: OptionsContext): KeyLine[] {
  return parseAuthorizedKeys(source, context).lines.filter((line) => line.kind === "key");
}

function otherLines(source: string | Uint8Array, context: OptionsContext): string {
  const { lines } = parseAuthorizedKeys(source, context);
  return lines.flatMap(({ kind, raw }) => (kind === "key" ? [] : [raw])).join("");
}

/** Lines that the others do not hold; of equal ones as many as are over. */
function without(lines: readonly KeyLine[], others: readonly KeyLine[]): KeyLine[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(lineSha256(line), (left.get(lineSha256(line)) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(lineSha256(line)) ?? 0;
    left.set(lineSha256(line), count - 1);
    return count <= 0;
  });
}
