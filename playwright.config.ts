import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  globalSetup: "./e2e/build.ts",
  outputDir: "test-results/browser",
  // Each worker has a product and a lab of its own. Half of a journey is waiting for a deadline on a host, so two fit.
  workers: 2,
  fullyParallel: false,
  // `npm test` gives a second try and names who needed it; a developer sees the first failure.
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    baseURL: "http://localhost:3000",
    // An act that cannot be done is a failure, with a limit that a busy machine does not reach.
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    viewport: { width: 1280, height: 860 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
