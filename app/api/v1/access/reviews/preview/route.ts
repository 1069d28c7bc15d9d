import { previewReview } from "@/lib/features/access-reviews/queries";
import { readRoute } from "@/lib/http/route";

export const GET = readRoute(previewReview);
