import { type ChainedRow, verifyChain } from "@/lib/db/activity-chain";
import { ExportHeader, parseLine } from "@/lib/features/activity/export-format";
import { fingerprintOf, isSigned, parseCheckpoint, type SignedCheckpoint } from "@/lib/secrets/checkpoint";

/** What a check of an export found. */
export interface ExportReport {
  readonly rows: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Fingerprint of the key that signed the head. */
  readonly signedBy: string | null;
  /** Checkpoints that were held against the rows: in the export, and in what a witness keeps. */
  readonly checkpoints: number;
  readonly witnessed: number;
  /** Fingerprints of the keys that signed these. */
  readonly checkpointSigners: readonly string[];
  /** One sentence each; none: the export is whole and unchanged. */
  readonly faults: readonly string[];
}

/** What an auditor keeps elsewhere, and an export is held against. */
export interface ExportComparison {
  readonly earlier?: string;
  readonly signer?: string;
  readonly witness?: string;
  readonly checkpointSigner?: string;
}

/**
 * Checks an export: its head's signature, and that its rows are one unbroken chain from the first row to that head.
 *
 * @param text the file
 * @param earlier an older export of the same installation: what it holds must stand in this one
 * @param signer the fingerprint that the head must be signed by
 * @param witness what a managed host keeps (/var/lib/gatehouse/witness): its rows must stand in this export
 * @param checkpointSigner the fingerprint that checkpoints must be signed by
 */
export function verifyExport(
  text: string,
  { earlier, signer, witness, checkpointSigner }: ExportComparison = {},
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

  const { rows, checkpoints } = readLines(lines, faults);
  const chainHead = head && { seq: BigInt(head.seq), hash: Buffer.from(head.hash, "hex") };
  faults.push(...verifyChain(rows, chainHead && { head: chainHead }).map(({ message }) => message));
  if (earlier !== undefined) faults.push(...compare(earlier, rows));
  const kept = witness === undefined ? [] : readWitness(witness, faults);
  const known = [...checkpoints, ...kept].filter(({ at }) => head === undefined || at <= head.at);
  faults.push(...compareCheckpoints(known, rows));
  const signers = [...new Set([...checkpoints, ...kept].map(({ publicKey }) => fingerprintOf(publicKey)))];
  faults.push(...faultsOfSigners(signers, checkpointSigner));
  return {
    rows: rows.length,
    from: rows[0]?.at.toISOString() ?? null,
    to: rows.at(-1)?.at.toISOString() ?? null,
    signedBy,
    checkpoints: checkpoints.length,
    witnessed: kept.filter((checkpoint) => known.includes(checkpoint)).length,
    checkpointSigners: signers,
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

interface ExportLines {
  readonly rows: ChainedRow[];
  readonly checkpoints: SignedCheckpoint[];
}

function readLines(lines: readonly string[], faults: string[]): ExportLines {
  const found: ExportLines = { rows: [], checkpoints: [] };
  for (const [index, line] of lines.entries()) {
    try {
      const parsed = parseLine(line);
      if ("row" in parsed) found.rows.push(parsed.row);
      else if (isSigned(parsed.checkpoint)) found.checkpoints.push(parsed.checkpoint);
      else faults.push(`Line ${index + 2} is a checkpoint with a wrong signature: it was altered.`);
    } catch {
      faults.push(`Line ${index + 2} is not a row of the activity.`);
    }
  }
  return found;
}

function readWitness(text: string, faults: string[]): SignedCheckpoint[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const checkpoint = parseCheckpoint(line);
    if (!checkpoint)
      faults.push(`Line ${index + 1} of the witness is no signed checkpoint: somebody wrote into that file.`);
    return checkpoint ?? [];
  });
}

/** A checkpoint that is older than the export names a row that stands in it, with the same hash. */
function compareCheckpoints(checkpoints: readonly SignedCheckpoint[], rows: readonly ChainedRow[]): string[] {
  const hashes = new Map(rows.map(({ seq, hash }) => [seq.toString(), Buffer.from(hash).toString("hex")]));
  return checkpoints.flatMap(({ seq, hash, at }) => {
    const there = hashes.get(seq);
    if (there === hash) return [];
    return there === undefined
      ? [`Row ${seq}, the last one at ${at} by a signed checkpoint, is not here: the chain was cut off.`]
      : [`Row ${seq} is not what it was at ${at} by a signed checkpoint: the chain was rewritten.`];
  });
}

function faultsOfSigners(signers: readonly string[], wanted: string | undefined): string[] {
  if (wanted !== undefined)
    return signers
      .filter((signer) => signer !== wanted)
      .map((signer) => `Checkpoints were signed by ${signer}, not by ${wanted}.`);
  if (signers.length < 2) return [];
  return [
    `Checkpoints were signed by ${signers.length} keys (${signers.join(", ")}): two installations, or the key file was replaced.`,
  ];
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
