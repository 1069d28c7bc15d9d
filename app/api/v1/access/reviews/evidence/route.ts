import { exportEvidence } from "@/lib/features/access-reviews/commands";
import { evidenceLines } from "@/lib/features/access-reviews/evidence-file";
import { download } from "@/lib/http/download";

export const GET = download(exportEvidence, {
  fileName: ({ format }) => `gatehouse-review.${format}`,
  type: ({ format }) => (format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8"),
  lines: evidenceLines,
  lists: [],
});
