import { discardDraft, saveDraft } from "@/lib/features/config/commands";
import { route } from "@/lib/http/route";

export const PUT = route(saveDraft);
export const DELETE = route(discardDraft);
