import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/** The product's web process by itself, in production, on loopback. */
export interface WebProcess {
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * Chooses where the web process will listen, for it and for this process: what is made here for people (cookies, links)
 * is theirs there. Call it before the database is filled.
 */
export async function chooseWebPort(): Promise<void> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  process.env.PORT = String(port);
  process.env.HOST = "localhost";
  process.env.GATEHOUSE_URL = `http://localhost:${port}`;
}

/**
 * Starts it over the database and the keys that the environment names, and waits until it answers.
 *
 * @throws where there is no production build, or when it ends
 */
export async function startWeb(): Promise<WebProcess> {
  if (!existsSync(path.join(root, ".next/BUILD_ID")))
    throw new Error("There is no production build. Make it first: node scripts/ensure.mjs build");
  const child = spawn("setpriv", ["--pdeathsig=KILL", "--", process.execPath, "scripts/web.mjs"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", GATEHOUSE_WORKER_KEY_FILE: "", LOG_LEVEL: "warn" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The web process ended with ${code}.`);
  });
  ended.catch(() => {}); // Only its start is waited for.
  await Promise.race([once(child, "message"), ended]);
  return {
    origin: process.env.GATEHOUSE_URL ?? "",
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}
