import { removeKey, renameKey } from "@/lib/features/keys/key-commands";
import { route } from "@/lib/http/route";

export const PUT = route(renameKey);
export const DELETE = route(removeKey);
