import { planRootFiles } from "@/lib/features/changes/root-files";
import { route } from "@/lib/http/route";

export const POST = route(planRootFiles);
