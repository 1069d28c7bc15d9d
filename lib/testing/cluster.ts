import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { startCluster } from "@/lib/db/embedded/cluster.mjs";
import { applyMigrations } from "@/lib/db/migrations.mjs";
import { applyJobMigrations } from "@/lib/jobs/schema.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** A migrated, empty database that nobody is connected to: each test file copies it. */
    templateUrl: string;
  }
}

/** Starts the PostgreSQL that the product itself runs on, for one run of the tests. Vitest calls it (vitest.config.ts). */
export default async function startTestCluster(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-test-"));
  const cluster = await startCluster(path.join(folder, "postgres"), { durable: false });
  await applyMigrations(cluster.url, path.resolve(import.meta.dirname, "../../prisma/migrations"));
  await applyJobMigrations(cluster.url);
  project.provide("templateUrl", cluster.url);
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  };
}
