import { addKeyImport } from "@/lib/features/key-imports/commands";
import { listKeyImports } from "@/lib/features/key-imports/queries";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(listKeyImports);
export const POST = route(addKeyImport);
