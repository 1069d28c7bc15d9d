import { setUpWithPassword } from "@/lib/features/people/set-up-commands";
import { publicRoute } from "@/lib/http/route";

export const POST = publicRoute(setUpWithPassword);
