import { listKeySources } from "@/lib/features/key-imports/queries";
import { allowKeySource, forbidKeySource } from "@/lib/features/key-imports/source-commands";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(listKeySources);
export const POST = route(allowKeySource);
export const DELETE = route(forbidKeySource);
