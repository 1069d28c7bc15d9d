import { setReviewers } from "@/lib/features/access-reviews/commands";
import { route } from "@/lib/http/route";

export const PUT = route(setReviewers);
