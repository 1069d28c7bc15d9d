// Preloaded into every process that a launcher starts: when the launcher is gone, even by kill -9, the process ends as
// if it had been asked to.

/** As long as the slowest orderly end may take (scripts/start.mjs). */
const PATIENCE_SECONDS = 30;

if (process.connected) {
  process.once("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.exit(1), PATIENCE_SECONDS * 1000).unref();
  });
  process.channel?.unref();
}
