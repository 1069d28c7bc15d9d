import { planTwoFactor } from "@/lib/features/changes/two-factor-commands";
import { route } from "@/lib/http/route";

export const POST = route(planTwoFactor);
