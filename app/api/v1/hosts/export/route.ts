import { printHostsCsv, printHostsJson } from "@/lib/features/hosts/host-file";
import { listHostsExport } from "@/lib/features/hosts/queries";
import { fileRoute } from "@/lib/http/file-route";

export const GET = fileRoute(listHostsExport, {
  name: "gatehouse-hosts",
  formats: {
    csv: { type: "text/csv", print: printHostsCsv },
    json: { type: "application/json", print: printHostsJson },
  },
  lists: ["tag"],
});
