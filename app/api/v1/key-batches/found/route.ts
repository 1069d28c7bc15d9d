import { planFound } from "@/lib/features/key-fleet/found-batch";
import { route } from "@/lib/http/route";

export const POST = route(planFound);
