import { cancelBatch } from "@/lib/features/key-fleet/commands";
import { route } from "@/lib/http/route";

export const POST = route(cancelBatch);
