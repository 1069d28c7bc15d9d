import { removeKeyImport } from "@/lib/features/key-imports/commands";
import { route } from "@/lib/http/route";

export const DELETE = route(removeKeyImport);
