import { z } from "zod";
import type { ChainedRow } from "@/lib/db/activity-chain";

/** The first line of an export, and the lines after it: JSON each, so that `grep` and `jq` work on it. */
export const exportFormat = "gatehouse-activity-1";

const Hex = z.string().regex(/^([0-9a-f]{2})*$/);
const Seq = z.string().regex(/^\d{1,18}$/);

export const ExportHeader = z.object({
  format: z.literal(exportFormat),
  /** The chain's end when the export was made, signed. */
  head: z.object({ seq: Seq, hash: Hex, at: z.string(), publicKey: Hex, signature: Hex }),
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

/** A line of an export as a row. @throws when it is none */
export function parseRow(line: string): ChainedRow {
  const row = ExportRow.parse(JSON.parse(line));
  return {
    ...row,
    seq: BigInt(row.seq),
    at: new Date(row.at),
    intentSeq: row.intentSeq === null ? null : BigInt(row.intentSeq),
    prevHash: Buffer.from(row.prevHash, "hex"),
    hash: Buffer.from(row.hash, "hex"),
  };
}
