import os from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": path.resolve(import.meta.dirname) } },
  test: {
    // Three suites, by what they need: nothing (unit), PostgreSQL (database), root and lab hosts (lab).
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["lib/**/*.test.ts", "components/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/*.db.test.ts", "**/*.lab.test.ts"],
          // Nothing here is about time; a busy machine must not make a property fail.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "database",
          include: ["lib/**/*.db.test.ts", "app/**/*.db.test.ts", "scripts/**/*.db.test.ts"],
          globalSetup: ["lib/testing/cluster.ts"],
          // Each refusal under test would be a line; bugs still show.
          env: { LOG_LEVEL: "error" },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: ["e2e/**/*.lab.test.ts", "lib/**/*.lab.test.ts", "agent/**/*.lab.test.ts"],
          globalSetup: ["lib/testing/cluster.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // Half of a lab test is waiting for a deadline on a host: twice as many as there are processors fit.
          maxWorkers: 2 * os.availableParallelism(),
        },
      },
    ],
  },
});
