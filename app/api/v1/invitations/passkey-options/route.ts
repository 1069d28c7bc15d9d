import { beginJoinWithPasskey } from "@/lib/features/people/invitation-commands";
import { publicRoute } from "@/lib/http/route";

export const POST = publicRoute(beginJoinWithPasskey);
