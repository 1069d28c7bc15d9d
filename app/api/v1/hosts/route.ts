import { addHost } from "@/lib/features/hosts/commands";
import { listHosts } from "@/lib/features/hosts/queries";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(listHosts);
export const POST = route(addHost);
