import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LabHost, openLab } from "@/e2e/lab/lab";
import { networkOf } from "@/e2e/lab/namespace";
import { prisma } from "@/lib/db/client";
import { type DemoHost, demoHosts, startHost } from "@/scripts/demo/hosts";
import { setUpOwner } from "@/scripts/demo/owner";
import { tellStory } from "@/scripts/demo/story";
import { waiting } from "@/scripts/demo/until";
import { offerCodes, printWelcome } from "@/scripts/demo/welcome";
import { type Programs, type Running, runProduct } from "@/scripts/run/product.mjs";
import type { Settings } from "@/scripts/run/settings.mjs";
import type { Supervisor } from "@/scripts/run/supervisor.mjs";
import { withProgress } from "@/scripts/setup/progress.mjs";

/** The systems that the demo's servers run. */
export const demoTrees = demoHosts.map(({ tree }) => tree);

/**
 * Runs the product over three real servers and a past of its own, until it is asked to stop. Nothing of it is left then.
 *
 * Failures are printed and set the exit code, as in `npm start`.
 *
 * @param settings address and port; everything is stored in a folder of its own, which is removed at the end
 * @param programs in place of the product's own, for tests
 */
export async function runDemo(settings: Settings, programs?: Partial<Programs>): Promise<void> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), "gatehouse-demo-"));
  process.env.LOG_LEVEL ??= "error"; // a server that is off is no news here
  const surround = async (supervisor: Supervisor) => {
    const lab = await openLab({ name: `demo-${process.pid}` });
    await supervisor.add("the lab", () => lab.close());
    const hosts = await withProgress("Starting three servers", () =>
      Promise.all(demoHosts.map((demoHost) => startHost(lab, demoHost))),
    );
    return {
      // Addresses of the lab exist only in its network. The database is a Unix socket: it is reached from there too.
      workerLauncher: ["nsenter", ...networkOf(lab.namespacePid)],
      whenRunning: (running: Running) => begin(settings.url, hosts, running, supervisor),
    };
  };
  try {
    const demoSettings = { ...settings, dataFolder, databaseUrl: undefined };
    await runProduct(demoSettings, { mode: "production", programs, surround });
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

type StartedHosts = readonly { readonly host: LabHost; readonly demoHost: DemoHost }[];

/** Makes what a newcomer finds, through the product's own use cases, and says how to get in. */
async function begin(
  url: string,
  hosts: StartedHosts,
  { databaseUrl, keys, setUpToken }: Running,
  supervisor: Supervisor,
): Promise<void> {
  // This process acts as the web process does: over the same database, with the same key.
  process.env.DATABASE_URL = databaseUrl;
  process.env.GATEHOUSE_WEB_KEY_FILE = keys.web;
  await supervisor.add("the demo's connections", () => prisma().$disconnect());
  if (setUpToken === undefined) throw new Error("the demo's database is not new");
  const owner = await setUpOwner(setUpToken);
  const until = waiting(supervisor);
  const { changeId, finish } = await withProgress("Adding them to Gatehouse, with a first change", () =>
    tellStory(hosts, owner, until),
  );
  printWelcome(url, owner, changeId);
  await supervisor.add("the keyboard", offerCodes(owner));
  await finish();
  console.log("  web-1 has undone that change by itself: everybody gets in again.\n");
}
