import { keepKeyPolicy } from "@/lib/features/key-policies/together-commands";
import { route } from "@/lib/http/route";

export const POST = route(keepKeyPolicy);
