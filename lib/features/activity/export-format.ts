import { z } from "zod";
import type { ChainedRow } from "@/lib/db/activity-chain";
import type { SignedCheckpoint } from "@/lib/secrets/checkpoint";

/** The first line of an export, and the lines after it: JSON each, so that `grep` and `jq` work on it. */
export const exportFormat = "gatehouse-activity-1";

const Hex = z.string().regex(/^([0-9a-f]{2})*$/);
const Seq = z.string().regex(/^\d{1,18}$/);

const Checkpoint = z.object({ seq: Seq, hash: Hex, at: z.string(), publicKey: Hex, signature: Hex });

export const ExportHeader = z.object({
  format: z.literal(exportFormat),
  /** The chain's end when the export was made, signed by the web process. */
  head: Checkpoint,
});
export type ExportHeader = z.output<typeof ExportHeader>;

export const ExportRow = z.strictObject({
  seq: Seq,
  at: z.iso.datetime(),
  actorId: z.string().nullable(),
  actorName: z.string(),
  address: z.string(),
  action: z.string(),
  outcome: z.string(),
  intentSeq: Seq.nullable(),
  targetType: z.string().nullable(),
  targetId: z.string().nullable(),
  targetName: z.string().nullable(),
  detail: z.json(),
  prevHash: Hex,
  hash: Hex,
});

/** After the rows: where the chain ended at earlier moments, signed by the worker. */
const ExportCheckpoint = z.strictObject({ checkpoint: z.strictObject(Checkpoint.shape) });

/** A stored checkpoint as it was signed. */
export function checkpointOf(row: {
  readonly seq: bigint;
  readonly hash: Uint8Array;
  readonly at: Date;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}): SignedCheckpoint {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return {
    seq: row.seq.toString(),
    hash: hex(row.hash),
    at: row.at.toISOString(),
    publicKey: hex(row.publicKey),
    signature: hex(row.signature),
  };
}

/** A stored checkpoint as a line of an export. */
export function printCheckpointRow(row: Parameters<typeof checkpointOf>[0]): string {
  return JSON.stringify({ checkpoint: checkpointOf(row) });
}

/** A line of an export as a row, or as a checkpoint. @throws when it is neither */
export function parseLine(line: string): { row: ChainedRow } | { checkpoint: SignedCheckpoint } {
  const value: unknown = JSON.parse(line);
  if (typeof value === "object" && value !== null && "checkpoint" in value)
    return ExportCheckpoint.parse(value);
  return { row: rowOf(value) };
}

/** A row as a line of an export. */
export function printRow(row: ChainedRow): string {
  return JSON.stringify({
    ...row,
    seq: row.seq.toString(),
    intentSeq: row.intentSeq?.toString() ?? null,
    prevHash: Buffer.from(row.prevHash).toString("hex"),
    hash: Buffer.from(row.hash).toString("hex"),
  });
}

function rowOf(value: unknown): ChainedRow {
  const row = ExportRow.parse(value);
  return {
    ...row,
    seq: BigInt(row.seq),
    at: new Date(row.at),
    intentSeq: row.intentSeq === null ? null : BigInt(row.intentSeq),
    prevHash: Buffer.from(row.prevHash, "hex"),
    hash: Buffer.from(row.hash, "hex"),
  };
}
