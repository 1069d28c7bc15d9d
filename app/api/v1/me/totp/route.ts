import { beginTotp, removeTotp } from "@/lib/features/people/me-commands";
import { route } from "@/lib/http/route";

export const POST = route(beginTotp);
export const DELETE = route(removeTotp);
