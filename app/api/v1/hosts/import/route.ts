import { importHosts } from "@/lib/features/hosts/commands";
import { route } from "@/lib/http/route";

export const POST = route(importHosts, { maxBytes: 1_200_000 });
