import { beginSecurityKey } from "@/lib/features/keys/security-key-commands";
import { route } from "@/lib/http/route";

export const POST = route(beginSecurityKey);
