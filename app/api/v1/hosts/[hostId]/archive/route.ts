import { archiveHost } from "@/lib/features/hosts/commands";
import { route } from "@/lib/http/route";

export const POST = route(archiveHost);
