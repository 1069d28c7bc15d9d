import { lookAtOfferedKeys } from "@/lib/features/hosts/enrol-commands";
import { route } from "@/lib/http/route";

export const POST = route(lookAtOfferedKeys);
