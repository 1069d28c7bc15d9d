import { beginPasskeySignIn } from "@/lib/features/people/sign-in-commands";
import { publicRoute } from "@/lib/http/route";

export const POST = publicRoute(beginPasskeySignIn);
