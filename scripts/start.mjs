// npm start: installs and builds what is missing, then runs the whole product until Ctrl-C.
import { checkNode, ensureBuild, ensureClient, ensurePackages } from "./ensure.mjs";
import { prepareDataFolder } from "./run/data-folder.mjs";
import { checkPort } from "./run/port.mjs";
import { readSettings } from "./run/settings.mjs";
import { runProgram } from "./setup/program.mjs";

await runProgram(async () => {
  checkNode();
  const settings = readSettings();
  prepareDataFolder(settings.dataFolder);
  await checkPort(settings.host, settings.port);
  await ensurePackages();
  await ensureClient();
  await ensureBuild();
  // Only now is there something to import.
  const { runProduct } = await import("./run/product.mjs");
  await runProduct(settings, { mode: "production" });
});
