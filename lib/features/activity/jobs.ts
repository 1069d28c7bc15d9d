import { makeCheckpoint } from "@/lib/features/activity/checkpoint";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** What the worker does for the activity. Hosts are shown the checkpoint by their heartbeat (features/hosts). */
export const activityJobs: JobHandlers<"activity.checkpoint"> = {
  "activity.checkpoint": () => makeCheckpoint(),
};
