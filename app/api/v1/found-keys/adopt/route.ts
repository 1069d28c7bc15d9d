import { adoptKey } from "@/lib/features/key-fleet/adopt";
import { route } from "@/lib/http/route";

export const POST = route(adoptKey);
