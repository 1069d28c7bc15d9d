import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { networkOf } from "./namespace";

/** A port of this machine's loopback that leads into a lab. */
export interface Forward {
  /** 127.0.0.1 */
  readonly address: string;
  readonly port: number;
  /** Breaks what is connected and frees the port. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const WORKER = path.join(import.meta.dirname, "forward-worker.mjs");

/**
 * Opens a door for a process that is not in the lab's network: what connects to it reaches `address`:`port` there,
 * as a new connection from the lab's gateway each time. A refused connection shows as one that ends at once.
 *
 * @param socket path of a Unix socket to make: the only thing that both networks can see
 */
export async function openForward(
  labPid: number,
  socket: string,
  address: string,
  port: number,
): Promise<Forward> {
  const command = [
    "setpriv",
    "--pdeathsig=KILL",
    "--",
    process.execPath,
    WORKER,
    socket,
    address,
    String(port),
  ];
  const worker = spawn("nsenter", [...networkOf(labPid), ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(worker, "exit");
  await Promise.race([
    once(worker.stdout, "data"),
    exited.then(([code]) =>
      Promise.reject(new Error(`The forward to ${address}:${port} ended with ${code}.`)),
    ),
  ]);
  worker.stdout.destroy();
  worker.unref();

  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (outside) => {
    const inside = net.connect({ path: socket, allowHalfOpen: true });
    for (const end of [outside, inside]) {
      open.add(end);
      end.once("close", () => open.delete(end));
    }
    outside.once("error", () => inside.destroy());
    inside.once("error", () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  server.unref();
  const bound = server.address();
  if (bound === null || typeof bound === "string")
    throw new Error("A forward listens on TCP, and this is none.");

  return {
    address: LOOPBACK,
    port: bound.port,
    async close() {
      server.close();
      for (const end of open) end.destroy();
      worker.ref();
      worker.kill("SIGKILL");
      await exited;
    },
  };
}
