import { decideItems } from "@/lib/features/access-reviews/commands";
import { route } from "@/lib/http/route";

export const POST = route(decideItems);
