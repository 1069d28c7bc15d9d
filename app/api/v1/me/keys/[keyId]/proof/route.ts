import { proveKey } from "@/lib/features/keys/proof-commands";
import { route } from "@/lib/http/route";

export const POST = route(proveKey);
