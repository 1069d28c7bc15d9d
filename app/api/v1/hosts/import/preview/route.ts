import { previewImport } from "@/lib/features/hosts/commands";
import { route } from "@/lib/http/route";

export const POST = route(previewImport, { maxBytes: 1_200_000 });
