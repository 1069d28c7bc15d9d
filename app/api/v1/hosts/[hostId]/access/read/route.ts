import { readAccess } from "@/lib/features/access/commands";
import { route } from "@/lib/http/route";

export const POST = route(readAccess);
