import { revokeCodesOf } from "@/lib/features/host-codes/revoke-commands";
import { route } from "@/lib/http/route";

export const POST = route(revokeCodesOf);
