import { revokeException } from "@/lib/features/readiness/commands";
import { route } from "@/lib/http/route";

export const POST = route(revokeException);
