import { changeRule, removeRule } from "@/lib/features/access-rules/commands";
import { route } from "@/lib/http/route";

export const PUT = route(changeRule);
export const DELETE = route(removeRule);
