import type { JobName } from "@/lib/jobs/catalogue";

/** A job that the clock starts. Graphile sees to it that one worker of several enqueues it. */
export interface CronEntry {
  readonly name: JobName;
  /** As in crontab(5); UTC. */
  readonly match: string;
}

export const crontab: readonly CronEntry[] = [
  { name: "host.heartbeat-all", match: "* * * * *" },
  { name: "change.reconcile", match: "* * * * *" },
  { name: "config.sweep", match: "*/5 * * * *" },
  { name: "access.sweep", match: "*/10 * * * *" },
  { name: "review.watch", match: "* * * * *" },
  { name: "key-import.sweep", match: "*/15 * * * *" },
  { name: "host-code.follow", match: "* * * * *" },
  { name: "host-code.sweep", match: "23 * * * *" },
  { name: "access-rules.check-all", match: "37 * * * *" },
  { name: "activity.checkpoint", match: "7 */6 * * *" },
  { name: "key-fleet.sweep", match: "* * * * *" },
  { name: "jobs.tidy", match: "17 * * * *" },
];
