import { now } from "@/lib/clock";
import { markOverdue, watchRevocations } from "@/lib/features/access-reviews/watch";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** What the worker does for reviews. */
export const reviewJobs: JobHandlers<"review.watch"> = {
  async "review.watch"() {
    await markOverdue(now());
    await watchRevocations();
  },
};
