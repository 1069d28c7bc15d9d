import { removePersonKey, renamePersonKey } from "@/lib/features/keys/person-key-commands";
import { route } from "@/lib/http/route";

export const PUT = route(renamePersonKey);
export const DELETE = route(removePersonKey);
