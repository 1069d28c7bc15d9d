import { signOut } from "@/lib/features/people/sign-in-commands";
import { route } from "@/lib/http/route";

export const POST = route(signOut);
