import { editHost } from "@/lib/features/hosts/commands";
import { getHost } from "@/lib/features/hosts/queries";
import { readRoute, route } from "@/lib/http/route";

export const GET = readRoute(getHost);
export const PUT = route(editHost);
