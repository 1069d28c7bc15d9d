// The web process: one HTTP server in front of Next. Started by scripts/start.mjs and scripts/dev.mjs.
import { createServer } from "node:http";
import path from "node:path";
import next from "next";
import { frontDoor } from "./run/front-door.mjs";
import { explainListen } from "./run/port.mjs";
import { readSettings } from "./run/settings.mjs";
import { EXIT_UNUSABLE, printFailure } from "./setup/program.mjs";

const { host, port } = readSettings();
const trustedProxies = Number(process.env.GATEHOUSE_TRUSTED_PROXIES || 0);
const server = createServer();
// A request that dawdles holds a connection: 30 s for its headers and body. Answers (live events) may last.
server.headersTimeout = 15_000;
server.requestTimeout = 30_000;

const app = next({
  dev: process.env.NODE_ENV !== "production",
  dir: path.resolve(import.meta.dirname, ".."),
  hostname: host,
  port,
  httpServer: server,
});
try {
  await app.prepare(); // runs instrumentation.ts, which checks the environment
} catch (error) {
  // Whatever it is, it will be the same next time.
  printFailure(error);
  process.exit(EXIT_UNUSABLE);
}

server.on("request", frontDoor(app.getRequestHandler(), trustedProxies));
server.on("upgrade", app.getUpgradeHandler()); // hot reload, in development

server.once("error", (error) => {
  printFailure(explainListen(error.code ?? error.message, host, port));
  process.exit(EXIT_UNUSABLE);
});
server.listen(port, host, () => process.send?.({ ready: true }));

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"])
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    // Live event streams never end by themselves; their clients reconnect and replay.
    setTimeout(() => server.closeAllConnections(), 500);
  });
