import { readHostCodes } from "@/lib/features/host-codes/commands";
import { route } from "@/lib/http/route";

export const POST = route(readHostCodes);
