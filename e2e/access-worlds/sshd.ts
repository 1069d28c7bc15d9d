import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { doors } from "@/e2e/access-worlds/collect";

/** The room's sshd, as inetd would start it: a process for each connection, on the configuration as it then is. */
export interface RoomSshd {
  /** What sshd wrote since this was asked last. */
  takeLog(): string;
  /** After every connection that was begun has ended. */
  close(): Promise<void>;
}

/** As a service has it: nothing of ours. */
const env: NodeJS.ProcessEnv = {
  NODE_ENV: "test",
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** Listens at every door of the room, and gives each client to an sshd of its own. */
export async function openSshd(room: string): Promise<RoomSshd> {
  const running = new Set<ChildProcess>();
  let log = "";
  const serve = (socket: net.Socket) => {
    // -e: what it has to say comes to us.
    const child: ChildProcess = spawn(
      "chroot",
      [room, "/usr/sbin/sshd", "-i", "-e", "-o", "LogLevel=VERBOSE"],
      {
        stdio: [socket, socket, "pipe"] as StdioOptions,
        env,
      },
    );
    running.add(child);
    child.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString("latin1")).slice(-65_536);
    });
    child.once("close", () => running.delete(child));
    socket.on("error", () => undefined);
    socket.destroy();
  };
  const servers = await Promise.all(
    doors.map(async ({ address, port }) => {
      // Nothing may be read here: every byte is for sshd.
      const server = net.createServer({ pauseOnConnect: true }, serve);
      server.listen({ host: address, port, ipv6Only: address.includes(":") });
      await once(server, "listening");
      return server;
    }),
  );
  return {
    takeLog() {
      const taken = log;
      log = "";
      return taken;
    },
    async close() {
      for (const server of servers) server.close();
      await Promise.all([...running].map((child) => once(child, "close")));
    },
  };
}
