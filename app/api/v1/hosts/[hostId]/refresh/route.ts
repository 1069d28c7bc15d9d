import { refreshHost } from "@/lib/features/hosts/operate-commands";
import { route } from "@/lib/http/route";

export const POST = route(refreshHost);
