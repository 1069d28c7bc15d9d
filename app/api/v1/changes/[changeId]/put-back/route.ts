import { putBackKeys } from "@/lib/features/changes/put-back";
import { route } from "@/lib/http/route";

export const POST = route(putBackKeys);
