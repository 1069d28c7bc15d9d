// The way of every launcher to a running product: settle the machine, then run. Plain Node until packages are there.
import { checkNode, ensureBuild, ensureClient, ensurePackages } from "../ensure.mjs";
import { prepareDataFolder } from "./data-folder.mjs";
import { checkPort } from "./port.mjs";
import { readSettings } from "./settings.mjs";

/**
 * Refuses early what would fail late, installs and builds what is missing, and runs the product until it is stopped.
 *
 * @param {"production" | "development"} mode development: hot reload, so nothing is built
 * @throws {import("../../lib/db/problem.mjs").Problem}
 */
export async function launchProduct(mode) {
  checkNode();
  const settings = readSettings();
  prepareDataFolder(settings.dataFolder);
  await checkPort(settings.host, settings.port);
  await ensurePackages();
  await ensureClient();
  if (mode === "production") await ensureBuild();
  // Only now is there something to import.
  const { runProduct } = await import("./product.mjs");
  await runProduct(settings, { mode });
}
