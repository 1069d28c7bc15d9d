import { createHash } from "node:crypto";

/** One row of the activity as the chain sees it. Everything that a reader relies on is in here. */
export interface ChainedRow {
  readonly seq: bigint;
  readonly at: Date;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly address: string;
  readonly action: string;
  readonly outcome: string;
  readonly intentSeq: bigint | null;
  readonly targetType: string | null;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly detail: unknown;
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
}

/** The last row of a chain: who kept it elsewhere can tell a shortened or rewritten chain. */
export interface ChainHead {
  readonly seq: bigint;
  readonly hash: Uint8Array;
}

/** What is wrong, and from which row on. */
export interface ChainFault {
  readonly seq: bigint;
  readonly kind: "edited" | "missing" | "out-of-order" | "unlinked" | "truncated" | "rewritten";
  readonly message: string;
}

/** What the first row follows. */
export const chainStart: Uint8Array = new Uint8Array(32);

/**
 * The row as the bytes that are hashed: JSON with sorted names and no spaces, so that a database or an export that
 * reorders names changes nothing, and any other difference does.
 */
export function canonicalRow(row: Omit<ChainedRow, "prevHash" | "hash">): string {
  return canonicalJson({
    seq: row.seq.toString(),
    at: row.at.toISOString(),
    actorId: row.actorId,
    actorName: row.actorName,
    address: row.address,
    action: row.action,
    outcome: row.outcome,
    intentSeq: row.intentSeq?.toString() ?? null,
    targetType: row.targetType,
    targetId: row.targetId,
    targetName: row.targetName,
    detail: row.detail,
  });
}

/** JSON with sorted names and no spaces: what is hashed. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** SHA-256 over the hash of the row before and this row. */
export function hashRow(prevHash: Uint8Array, row: Omit<ChainedRow, "prevHash" | "hash">): Buffer {
  return createHash("sha256").update(prevHash).update(canonicalRow(row)).digest();
}

/**
 * Every fault of a chain, in the order of its rows; none means that no row was edited, removed, inserted or swapped.
 *
 * A chain that was cut at its end, or rewritten from some row on, is consistent in itself: only `head`, kept apart from
 * the rows, shows it.
 *
 * @param rows in the order in which they stand, from `after` on
 * @param after the row before the first one; absent: the rows are the whole chain
 */
export function verifyChain(
  rows: readonly ChainedRow[],
  { after, head }: { after?: ChainHead; head?: ChainHead } = {},
): ChainFault[] {
  const faults: ChainFault[] = [];
  let seq = after?.seq ?? 0n;
  let hash = after?.hash ?? chainStart;
  for (const row of rows) {
    const fault = faultOf(row, seq, hash);
    if (fault) faults.push(fault);
    // Go on from what stands here, so that one fault is told once.
    seq = row.seq;
    hash = row.hash;
  }
  if (head) faults.push(...faultOfEnd(rows, { seq, hash }, head));
  return faults;
}

function faultOf(row: ChainedRow, seq: bigint, hash: Uint8Array): ChainFault | undefined {
  const at = (kind: ChainFault["kind"], message: string) => ({ seq: row.seq, kind, message });
  if (row.seq <= seq) return at("out-of-order", `Row ${row.seq} stands after row ${seq}.`);
  if (row.seq > seq + 1n)
    return at("missing", `Rows ${seq + 1n} to ${row.seq - 1n} are missing before row ${row.seq}.`);
  if (!same(row.prevHash, hash))
    return at(
      "unlinked",
      `Row ${row.seq} does not follow row ${seq}: one of the two was put in or replaced.`,
    );
  if (!same(row.hash, hashRow(row.prevHash, row)))
    return at("edited", `Row ${row.seq} is not what was written.`);
  return undefined;
}

function faultOfEnd(rows: readonly ChainedRow[], end: ChainHead, head: ChainHead): ChainFault[] {
  if (end.seq < head.seq)
    return [
      {
        seq: end.seq,
        kind: "truncated",
        message: `The chain ends at row ${end.seq}; rows up to ${head.seq} were cut off.`,
      },
    ];
  const hashThere = end.seq === head.seq ? end.hash : rows.find((row) => row.seq === head.seq)?.hash;
  if (!hashThere || !same(hashThere, head.hash))
    return [
      {
        seq: head.seq,
        kind: "rewritten",
        message: `Row ${head.seq} is not the row that was the last one when the head was noted: the chain was rewritten.`,
      },
    ];
  return [];
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(Buffer.from(b));
}
