import { removePasskey, renamePasskey } from "@/lib/features/people/me-commands";
import { route } from "@/lib/http/route";

export const PUT = route(renamePasskey);
export const DELETE = route(removePasskey);
