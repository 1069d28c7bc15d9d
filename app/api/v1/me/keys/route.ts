import { addKey } from "@/lib/features/keys/key-commands";
import { listMyKeys } from "@/lib/features/keys/queries";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(listMyKeys);
export const POST = route(addKey);
