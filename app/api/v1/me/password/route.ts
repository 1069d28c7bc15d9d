import { changePassword } from "@/lib/features/people/me-commands";
import { route } from "@/lib/http/route";

export const PUT = route(changePassword);
