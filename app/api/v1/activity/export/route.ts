import { exportActivity, exportLines } from "@/lib/features/activity/commands";
import { download } from "@/lib/http/download";

export const GET = download(exportActivity, {
  fileName: "gatehouse-activity.jsonl",
  type: "application/jsonl; charset=utf-8",
  lines: exportLines,
});
