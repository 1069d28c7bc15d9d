import { readAccounts } from "@/lib/features/hosts/operate-commands";
import { getHostAccounts } from "@/lib/features/hosts/queries";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(getHostAccounts);
export const POST = route(readAccounts);
