import { revokeOtherSessions } from "@/lib/features/people/me-commands";
import { route } from "@/lib/http/route";

export const DELETE = route(revokeOtherSessions);
