import { createKeyPolicy } from "@/lib/features/key-policies/commands";
import { route } from "@/lib/http/route";

export const POST = route(createKeyPolicy);
