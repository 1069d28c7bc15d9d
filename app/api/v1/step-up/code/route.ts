import { stepUpWithCode } from "@/lib/features/people/step-up-commands";
import { route } from "@/lib/http/route";

export const POST = route(stepUpWithCode);
