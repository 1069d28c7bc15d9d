import { retryBatch } from "@/lib/features/key-fleet/commands";
import { route } from "@/lib/http/route";

export const POST = route(retryBatch);
