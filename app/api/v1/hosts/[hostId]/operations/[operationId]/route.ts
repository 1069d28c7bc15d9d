import { getOperation } from "@/lib/features/hosts/queries";
import { readRoute } from "@/lib/http/route";

export const GET = readRoute(getOperation);
