import { changeKeyPolicy, removeKeyPolicy } from "@/lib/features/key-policies/commands";
import { route } from "@/lib/http/route";

export const PUT = route(changeKeyPolicy);
export const DELETE = route(removeKeyPolicy);
