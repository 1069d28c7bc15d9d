import { printAccessCsv, printAccessJson } from "@/lib/features/access/access-file";
import { listHostAccessExport } from "@/lib/features/access/queries";
import { fileRoute } from "@/lib/http/file-route";

export const GET = fileRoute(listHostAccessExport, {
  name: "gatehouse-access",
  formats: {
    csv: { type: "text/csv", print: printAccessCsv },
    json: { type: "application/json", print: printAccessJson },
  },
});
