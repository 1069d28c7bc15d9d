import { z } from "zod";
import { evidenceFormat, evidenceHash, hashOf } from "@/lib/features/access-reviews/evidence";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const EvidenceFile = z.object({
  format: z.literal(evidenceFormat),
  snapshot: z.object({ name: z.string(), items: z.array(z.object({ number: z.number() }).loose()) }).loose(),
  snapshotSha256: Sha256,
  outcome: z
    .object({ closedAt: z.string().nullable(), decisions: z.array(z.object({ number: z.number() }).loose()) })
    .loose(),
  evidenceSha256: Sha256,
});

/** What a check of an evidence file found. */
export interface EvidenceReport {
  readonly name: string | null;
  readonly ways: number;
  readonly closedAt: string | null;
  /** To be compared with the activity's row "review.close", which is chained and signed. */
  readonly evidenceSha256: string | null;
  /** One sentence each; none: the file is whole and unchanged. */
  readonly faults: readonly string[];
}

/**
 * Checks an evidence file: that what was frozen and what was decided belong to its hashes.
 *
 * Whoever alters a file can make new hashes: that the file is the one of then is shown by `sha256`.
 *
 * @param text the file, as JSON
 * @param sha256 the hash that the activity noted when the campaign was closed
 */
export function verifyEvidence(text: string, { sha256 }: { sha256?: string } = {}): EvidenceReport {
  const file = readFile(text);
  if (!file)
    return {
      name: null,
      ways: 0,
      closedAt: null,
      evidenceSha256: null,
      faults: ["This is no evidence file of a review of access."],
    };
  const { snapshot, outcome, snapshotSha256, evidenceSha256 } = file;
  const faults: string[] = [];
  if (hashOf(snapshot) !== snapshotSha256) faults.push("What was frozen is not what its hash says.");
  if (evidenceHash(snapshotSha256, outcome) !== evidenceSha256)
    faults.push("What was decided is not what its hash says.");
  const frozen = snapshot.items.map(({ number }) => number).join();
  if (outcome.decisions.map(({ number }) => number).join() !== frozen)
    faults.push("The decisions are not about the ways that were frozen.");
  if (sha256 !== undefined && sha256.toLowerCase() !== evidenceSha256)
    faults.push("The file's hash is not the one that was noted.");
  return {
    name: snapshot.name,
    ways: snapshot.items.length,
    closedAt: outcome.closedAt,
    evidenceSha256,
    faults,
  };
}

function readFile(text: string): z.output<typeof EvidenceFile> | undefined {
  try {
    // As it stands in the file, so that a member that we do not know counts too.
    return EvidenceFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
