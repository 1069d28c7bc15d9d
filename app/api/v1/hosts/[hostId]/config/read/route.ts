import { readConfig } from "@/lib/features/config/commands";
import { route } from "@/lib/http/route";

export const POST = route(readConfig);
