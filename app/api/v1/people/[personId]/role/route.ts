import { setRole } from "@/lib/features/people/commands";
import { route } from "@/lib/http/route";

export const PUT = route(setRole);
