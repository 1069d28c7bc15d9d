import { getAccessFacts } from "@/lib/features/access/queries";
import { readRoute } from "@/lib/http/route";

export const GET = readRoute(getAccessFacts);
