import pg from "pg";
import { sleep } from "@/lib/clock";
import { env } from "@/lib/env";
import { log } from "@/lib/log";

/** Named in the trigger that announces events (prisma/migrations). */
const channel = "gatehouse_events";
const retrySeconds = 1;
/** A dead network path is silent; asking now and then finds it. */
const probeSeconds = 30;

/** Called with the topic of each committed event; with undefined when some may have been missed. */
type Listener = (topic: string | undefined) => void;

interface Hub {
  readonly listeners: Set<Listener>;
  running: boolean;
}

declare global {
  // One connection a process, however often Next's bundles load this file.
  var gatehouseEventHub: Hub | undefined;
}

/**
 * Calls `listener` for each event that commits from now on, whichever process commits it.
 *
 * A lost connection is made again; then every listener is called with undefined and should read what it may have missed.
 *
 * @returns ends it
 */
export function listen(listener: Listener): () => void {
  globalThis.gatehouseEventHub ??= { listeners: new Set(), running: false };
  const hub = globalThis.gatehouseEventHub;
  hub.listeners.add(listener);
  if (!hub.running) {
    hub.running = true;
    void run(hub);
  }
  return () => hub.listeners.delete(listener);
}

/** Holds the connection while anybody listens. */
async function run(hub: Hub): Promise<void> {
  while (hub.listeners.size > 0) {
    try {
      await hold(hub);
    } catch (error) {
      if (hub.listeners.size === 0) break;
      log.warn("The connection that hears of events was lost; it is made again.", { error });
      await sleep(retrySeconds);
    }
  }
  hub.running = false;
}

async function hold(hub: Hub): Promise<void> {
  const client = new pg.Client({ connectionString: env().databaseUrl, application_name: "gatehouse events" });
  const lost = new Promise<never>((_, reject) => {
    client.once("error", reject);
    client.once("end", () => reject(new Error("The server closed it.")));
  });
  lost.catch(() => {}); // may happen while nobody waits for it
  try {
    await client.connect();
    client.on("notification", ({ payload }) => tell(hub, payload));
    await client.query(`listen ${channel}`);
    tell(hub, undefined);
    while (hub.listeners.size > 0) {
      await Promise.race([sleep(probeSeconds), lost]);
      await Promise.race([client.query("select 1"), lost]);
    }
  } finally {
    client.end().catch(() => {});
  }
}

function tell(hub: Hub, topic: string | undefined): void {
  for (const listener of [...hub.listeners]) listener(topic);
}
