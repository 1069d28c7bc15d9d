import { planKeys } from "@/lib/features/changes/key-commands";
import { route } from "@/lib/http/route";

export const POST = route(planKeys);
