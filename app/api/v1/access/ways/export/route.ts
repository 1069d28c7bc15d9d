import { exportedWays, exportFleetAccess } from "@/lib/features/access/fleet-export";
import { download } from "@/lib/http/download";

export const GET = download(exportFleetAccess, {
  fileName: ({ format }) => `gatehouse-access.${format}`,
  type: ({ format }) => (format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8"),
  lines: exportedWays,
  lists: ["tag", "is"],
});
