import { revokeGrant } from "@/lib/features/placements/commands";
import { route } from "@/lib/http/route";

export const POST = route(revokeGrant);
