import { beginAddPasskey } from "@/lib/features/people/me-commands";
import { route } from "@/lib/http/route";

export const POST = route(beginAddPasskey);
