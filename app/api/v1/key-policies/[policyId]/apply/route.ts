import { applyKeyPolicy } from "@/lib/features/key-policies/together-commands";
import { route } from "@/lib/http/route";

export const POST = route(applyKeyPolicy);
