// Runs the product's launcher with two tiny programs in the places of web and worker: what is tested is the launcher.
import path from "node:path";
import { runProgram } from "../../setup/program.mjs";
import { prepareDataFolder } from "../data-folder.mjs";
import { checkPort } from "../port.mjs";
import { runProduct, runWorker } from "../product.mjs";
import { readSettings } from "../settings.mjs";

const programs = {
  web: [path.join(import.meta.dirname, "tiny-web.mjs")],
  worker: [path.join(import.meta.dirname, "tiny-worker.mjs")],
};

await runProgram(async () => {
  const settings = readSettings();
  prepareDataFolder(settings.dataFolder);
  if (process.argv[2] === "worker") return runWorker(settings, { programs });
  await checkPort(settings.host, settings.port);
  await runProduct(settings, { mode: "production", programs });
});
