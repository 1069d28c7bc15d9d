import { decideImportedKey } from "@/lib/features/key-imports/decide-commands";
import { route } from "@/lib/http/route";

export const POST = route(decideImportedKey);
