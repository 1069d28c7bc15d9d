import { confirmCode } from "@/lib/features/host-codes/enrol-commands";
import { route } from "@/lib/http/route";

export const POST = route(confirmCode);
