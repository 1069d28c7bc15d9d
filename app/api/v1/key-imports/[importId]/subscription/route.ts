import { subscribeKeyImport } from "@/lib/features/key-imports/commands";
import { route } from "@/lib/http/route";

export const PUT = route(subscribeKeyImport);
