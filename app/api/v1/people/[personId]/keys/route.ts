import { addPersonKey } from "@/lib/features/keys/person-key-commands";
import { getPersonKeys } from "@/lib/features/keys/queries";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(getPersonKeys);
export const POST = route(addPersonKey);
