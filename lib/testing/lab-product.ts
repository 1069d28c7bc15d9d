import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Lab } from "@/e2e/lab/lab";
import { sleep } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { findLiveWorkers } from "@/lib/jobs/liveness";

// The product's processes for lab tests that need no browser: workers inside the lab's network, and the doors that
// installed hosts knock at, answered by this test process.

const root = path.resolve(import.meta.dirname, "../..");
const startSeconds = 30;

/** A worker process of its own, as production runs it. Ends with the test process at the latest. */
export interface WorkerProcess {
  readonly process: ChildProcess;
  stop(): Promise<void>;
  /** SIGKILL: nothing of it runs any more, and nothing was said. */
  kill(): Promise<void>;
}

/**
 * Starts scripts/worker.ts inside the lab, over this test's database and worker key.
 *
 * @throws when it has not registered within 30 s
 */
export async function startWorkerInLab(lab: Lab, db: Db): Promise<WorkerProcess> {
  const before = (await findLiveWorkers(db)).length;
  const worker = lab.spawnInside(
    process.execPath,
    ["--import", "tsx", path.join(root, "scripts/worker.ts")],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, GATEHOUSE_WEB_KEY_FILE: "", LOG_LEVEL: "warn", LOG_FORMAT: "pretty" },
    },
  );
  const end = async (signal: NodeJS.Signals) => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const exited = once(worker, "exit");
    worker.kill(signal);
    await exited;
  };
  for (let waited = 0; waited < startSeconds; waited += 0.1) {
    if (worker.exitCode !== null) throw new Error(`The worker ended with code ${worker.exitCode}.`);
    if ((await findLiveWorkers(db)).length > before)
      return { process: worker, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
    await sleepAwake(0.1);
  }
  await end("SIGKILL");
  throw new Error(`The worker did not register within ${startSeconds} s.`);
}

/** `sleep` that keeps the process alive. */
async function sleepAwake(seconds: number): Promise<void> {
  const timer = setTimeout(() => {}, seconds * 1000 + 50);
  await sleep(seconds);
  clearTimeout(timer);
}

export type Answer = (request: Request) => Promise<Response>;

/** HTTP on the lab's gateway, answered by this process. */
export interface Door {
  /** "http://10.77.255.254:3000" */
  readonly origin: string;
  /** Replaces who answers: a man in the middle. */
  answerWith(answer: Answer): void;
  close(): Promise<void>;
}

/** Opens `port` of the lab's gateway; every request goes to `answer`. */
export async function openDoor(lab: Lab, port: number, answer: Answer): Promise<Door> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-door-"));
  const socket = path.join(folder, "http");
  let current = answer;
  const server = createServer(
    (incoming, outgoing) => void relay(incoming, outgoing, (request) => current(request)),
  );
  server.listen(socket);
  await once(server, "listening");
  const script = `require("net").createServer((c)=>{const s=require("net").connect(${JSON.stringify(socket)});c.on("error",()=>s.destroy());s.on("error",()=>c.destroy());c.pipe(s).pipe(c)}).listen(${port},"0.0.0.0",()=>console.log("ready"))`;
  const gate = lab.spawnInside(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  if (!gate.stdout) throw new Error("no pipe to the gate");
  await once(gate.stdout, "data");
  return {
    origin: `http://${lab.gateway}:${port}`,
    answerWith: (other) => {
      current = other;
    },
    close: () => closeDoor(server, gate, folder),
  };
}

async function closeDoor(server: Server, gate: ChildProcess, folder: string): Promise<void> {
  const exited = once(gate, "exit");
  gate.kill("SIGKILL");
  await exited;
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
}

async function relay(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const response = await answer(
    new Request(`http://gateway${incoming.url}`, {
      method: incoming.method,
      headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]),
      ...(hasBody && { body: Buffer.concat(chunks) }),
    }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
