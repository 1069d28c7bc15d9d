import { type ChainedRow, verifyChain } from "@/lib/db/activity-chain";
import { ExportHeader, parseRow } from "@/lib/features/activity/export-format";
import { fingerprintOf, isSigned } from "@/lib/secrets/checkpoint";

/** What a check of an export found. */
export interface ExportReport {
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Fingerprint of the key that signed the head. */
  readonly signedBy: string | null;
  /** One sentence each; none: the export is whole and unchanged. */
  readonly faults: readonly string[];
}

/**
 * Checks an export: its head's signature, and that its rows are one unbroken chain from the first row to that head.
 *
 * @param text the file
 * @param earlier an older export of the same installation: what it holds must stand in this one
 * @param signer the fingerprint that the head must be signed by
 */
export function verifyExport(
  text: string,
  { earlier, signer }: { earlier?: string; signer?: string } = {},
): ExportReport {
  const [header, ...lines] = text.split("\n").filter((line) => line !== "");
  const faults: string[] = [];
  const head = readHeader(header ?? "");
  if (!head) faults.push("Line 1 is not the header of an export of the activity.");
  const signedBy = head && isSigned(head) ? fingerprintOf(head.publicKey) : null;
  if (head && !signedBy) faults.push("The head's signature is wrong: line 1 was altered.");
  if (signer && signedBy && signedBy !== signer)
    faults.push(
      `The head was signed by ${signedBy}, not by ${signer}: another installation, or its key file was replaced.`,
    );

  const rows = readRows(lines, faults);
  const chainHead = head && { seq: BigInt(head.seq), hash: Buffer.from(head.hash, "hex") };
  faults.push(...verifyChain(rows, chainHead && { head: chainHead }).map(({ message }) => message));
  if (earlier !== undefined) faults.push(...compare(earlier, rows));
  return {
    rows: rows.length,
    from: rows[0]?.at.toISOString() ?? null,
    to: rows.at(-1)?.at.toISOString() ?? null,
    signedBy,
    faults,
  };
}

function readHeader(line: string): ExportHeader["head"] | undefined {
  try {
    return ExportHeader.parse(JSON.parse(line)).head;
  } catch {
    return undefined; // told as a fault
  }
}

function readRows(lines: readonly string[], faults: string[]): ChainedRow[] {
  return lines.flatMap((line, index) => {
    try {
      return [parseRow(line)];
    } catch {
      faults.push(`Line ${index + 2} is not a row of the activity.`);
      return [];
    }
  });
}

/** The older export's last row stands in this one, with the same hash: then all before it is the same, too. */
function compare(earlier: string, rows: readonly ChainedRow[]): string[] {
  const head = readHeader(earlier.slice(0, Math.max(0, earlier.indexOf("\n"))));
  if (!head || !isSigned(head)) return ["The earlier file is not a whole export of the activity."];
  if (head.seq === "0") return [];
  const row = rows.find(({ seq }) => seq === BigInt(head.seq));
  if (!row)
    return [`Row ${head.seq}, the last one of the earlier export, is not here: the chain was cut off.`];
  return Buffer.from(row.hash).toString("hex") === head.hash
    ? []
    : [`Row ${head.seq} is not what it was in the earlier export: the chain was rewritten.`];
}
