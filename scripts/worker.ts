// The worker process: opens every SSH connection there is, and is the only one to hold the key to the hosts' keys.
// Started by `npm start` and by `npm run worker`; any number may run over one database.
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { accessJobs } from "@/lib/features/access/jobs";
import { reviewJobs } from "@/lib/features/access-reviews/jobs";
import { accessRuleJobs } from "@/lib/features/access-rules/jobs";
import { activityJobs } from "@/lib/features/activity/jobs";
import { changeJobs } from "@/lib/features/changes/jobs";
import { configJobs } from "@/lib/features/config/jobs";
import { hostCodeJobs } from "@/lib/features/host-codes/jobs";
import { hostJobs } from "@/lib/features/hosts/jobs";
import { keyFleetJobs } from "@/lib/features/key-fleet/jobs";
import { keyImportJobs } from "@/lib/features/key-imports/jobs";
import type { JobHandlers } from "@/lib/jobs/handlers";
import { tidy } from "@/lib/jobs/tidy";
import { startWorker } from "@/lib/jobs/worker";
import { log } from "@/lib/log";
import { workerSealer } from "@/lib/secrets/worker-sealer";

/** As scripts/setup/program.mjs: starting again would not help. */
const exitUnusable = 78;

const handlers: JobHandlers = {
  ...hostJobs,
  ...configJobs,
  ...changeJobs,
  ...accessJobs,
  ...accessRuleJobs,
  ...reviewJobs,
  ...keyImportJobs,
  ...activityJobs,
  ...keyFleetJobs,
  ...hostCodeJobs,
  "jobs.tidy": () => tidy(),
};

const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, "../package.json"), "utf8"))).version;

try {
  // Without its key a worker could do nothing: better to say so at once than in every job.
  workerSealer();
  const worker = await startWorker(handlers, version);
  let isStopping = false;
  const stop = async (code: number) => {
    if (isStopping) return;
    isStopping = true;
    await worker.stop();
    await prisma().$disconnect();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
  worker.failed.catch((error) => {
    log.error("The worker ends, to be started again", { error });
    return stop(1);
  });
  process.send?.({ ready: true });
} catch (error) {
  log.error("The worker cannot start", { error });
  process.exit(error instanceof AppError ? exitUnusable : 1);
}
