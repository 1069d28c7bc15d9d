import { readKeyImport } from "@/lib/features/key-imports/commands";
import { route } from "@/lib/http/route";

export const POST = route(readKeyImport);
