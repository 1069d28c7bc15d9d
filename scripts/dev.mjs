// npm run dev: the product with hot reload, on the same kind of database as everywhere.
import { checkNode, ensureClient, ensurePackages } from "./ensure.mjs";
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
  const { runProduct } = await import("./run/product.mjs");
  await runProduct(settings, { mode: "development" });
});
