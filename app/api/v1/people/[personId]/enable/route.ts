import { enablePerson } from "@/lib/features/people/commands";
import { route } from "@/lib/http/route";

export const POST = route(enablePerson);
