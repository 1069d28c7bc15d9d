import { createRule } from "@/lib/features/access-rules/commands";
import { route } from "@/lib/http/route";

export const POST = route(createRule);
