import { beginKeyClaim } from "@/lib/features/keys/claim-commands";
import { route } from "@/lib/http/route";

export const POST = route(beginKeyClaim);
