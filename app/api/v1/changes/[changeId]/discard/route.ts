import { discardChange } from "@/lib/features/changes/commands";
import { route } from "@/lib/http/route";

export const POST = route(discardChange);
