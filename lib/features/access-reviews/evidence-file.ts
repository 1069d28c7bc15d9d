import type { Db } from "@/lib/db/client";
import {
  evidenceFormat,
  evidenceHash,
  hashOf,
  outcomeOf,
  snapshotOf,
} from "@/lib/features/access-reviews/evidence";
import { csvCell } from "@/lib/text";

/** A campaign as a file holds it, from the rows as they stand in the database. */
export async function readEvidence(db: Db, reviewId: string, now: Date) {
  const review = await db.accessReview.findUnique({ where: { id: reviewId } });
  if (!review) return undefined;
  const [hosts, reviewers, items, revocations] = await Promise.all([
    db.accessReviewHost.findMany({ where: { reviewId } }),
    db.accessReviewer.findMany({ where: { reviewId } }),
    db.accessReviewItem.findMany({ where: { reviewId } }),
    db.accessRevocation.findMany({ where: { reviewId }, orderBy: { number: "asc" } }),
  ]);
  const snapshot = snapshotOf(review, hosts, items);
  const snapshotSha256 = hashOf(snapshot);
  const outcome = outcomeOf(review, reviewers, items);
  const document = {
    format: evidenceFormat,
    snapshot,
    snapshotSha256,
    outcome,
    evidenceSha256: evidenceHash(snapshotSha256, outcome),
    /** What readings have shown of the revoked ways since; not part of the hash, since it goes on. */
    observed: {
      at: now.toISOString(),
      revocations: revocations.map(({ number, lookedAt, thereAt, goneAt, backAt, isChanged, doubt }) => ({
        number,
        lookedAt: lookedAt?.toISOString() ?? null,
        thereAt: thereAt?.toISOString() ?? null,
        goneAt: goneAt?.toISOString() ?? null,
        backAt: backAt?.toISOString() ?? null,
        isChanged,
        doubt,
      })),
    },
  };
  return { review, document };
}

export type EvidenceDocument = NonNullable<Awaited<ReturnType<typeof readEvidence>>>["document"];
type Item = EvidenceDocument["snapshot"]["items"][number];
type Outcome = EvidenceDocument["outcome"]["decisions"][number];
type Observed = EvidenceDocument["observed"]["revocations"][number];

interface Row {
  document: EvidenceDocument;
  item: Item;
  outcome: Outcome | undefined;
  observed: Observed | undefined;
}

const columns = [
  ["review", ({ document }) => document.snapshot.name],
  ["opened_at", ({ document }) => document.snapshot.openedAt],
  ["closed_at", ({ document }) => document.outcome.closedAt ?? ""],
  ["closed_by", ({ document }) => document.outcome.closedByName ?? ""],
  ["number", ({ item }) => String(item.number)],
  ["host", ({ item }) => item.hostName],
  ["account", ({ item }) => item.account],
  ["uid", ({ item }) => String(item.uid)],
  ["person", ({ item }) => item.personName ?? ""],
  ["methods", ({ item }) => item.methods],
  ["factors", ({ item }) => String(item.factors)],
  ["keys", ({ item }) => item.fingerprints.join(" ")],
  ["key_comment", ({ item }) => item.comment ?? ""],
  ["key_lines", ({ item }) => item.keySources.join(" ")],
  ["from", ({ item }) => item.from.join(" ")],
  ["forced_command", ({ item }) => item.forcedCommand ?? ""],
  ["limits", ({ item }) => item.limits.join("; ")],
  ["certain", ({ item }) => (item.isCertain ? "yes" : "no")],
  ["last_used", ({ item }) => item.lastUsedAt ?? ""],
  ["decision", ({ outcome }) => outcome?.decision ?? "undecided"],
  ["reason", ({ outcome }) => outcome?.reason ?? ""],
  ["decided_by", ({ outcome }) => outcome?.decidedByName ?? ""],
  ["decided_at", ({ outcome }) => outcome?.decidedAt ?? ""],
  ["own_way", ({ outcome }) => (outcome?.isOwnWay ? "yes" : "no")],
  ["observed", ({ observed }) => observedWords(observed)],
  ["evidence_sha256", ({ document }) => document.evidenceSha256],
] as const satisfies readonly (readonly [string, (row: Row) => string])[];

function observedWords(observed: Observed | undefined): string {
  if (!observed) return "";
  if (observed.goneAt) return `gone since ${observed.goneAt}`;
  if (observed.thereAt) return `still there at ${observed.thereAt}`;
  return "not read since";
}

/** The evidence as a file: CSV, or JSON that `npm run review:verify` checks. */
export async function* evidenceLines(
  _: unknown,
  { document, format }: { document: EvidenceDocument; format: "json" | "csv" },
): AsyncGenerator<string, void> {
  yield format === "csv" ? printEvidenceCsv(document) : printEvidenceJson(document);
}

/** The evidence as CSV (RFC 4180), a way a row; text of a host can neither be a formula nor an escape. */
export function printEvidenceCsv(document: EvidenceDocument): string {
  const outcomes = new Map(document.outcome.decisions.map((decision) => [decision.number, decision]));
  const observations = new Map(document.observed.revocations.map((seen) => [seen.number, seen]));
  const lines = [
    columns.map(([name]) => name),
    ...document.snapshot.items.map((item) => {
      const row: Row = {
        document,
        item,
        outcome: outcomes.get(item.number),
        observed: observations.get(item.number),
      };
      return columns.map(([, textOf]) => csvCell(textOf(row)));
    }),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** The evidence as JSON, which `npm run review:verify` checks. */
export function printEvidenceJson(document: EvidenceDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
