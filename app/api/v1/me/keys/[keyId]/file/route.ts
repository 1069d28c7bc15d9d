import { getKeyFile } from "@/lib/features/keys/queries";
import { readRoute } from "@/lib/http/route";

export const GET = readRoute(getKeyFile);
