import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { route } from "@/lib/http/route";

export const POST = route(planWanted);
