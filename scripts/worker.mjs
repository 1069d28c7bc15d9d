// npm run worker: a worker by itself, on the machine of the product or on any other that reaches its database.
import path from "node:path";
import { checkNode, ensureClient, ensurePackages, root } from "./ensure.mjs";
import { prepareDataFolder } from "./run/data-folder.mjs";
import { readSettings } from "./run/settings.mjs";
import { runProgram } from "./setup/program.mjs";

await runProgram(async () => {
  checkNode();
  const settings = readSettings();
  prepareDataFolder(settings.dataFolder);
  await ensurePackages();
  await ensureClient();
  const { runWorker } = await import("./run/product.mjs");
  await runWorker(settings, {
    key: process.env.GATEHOUSE_WORKER_KEY_FILE && path.resolve(root, process.env.GATEHOUSE_WORKER_KEY_FILE),
  });
});
