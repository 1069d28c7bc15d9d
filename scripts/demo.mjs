// npm run demo: the dashboard with three real servers already added, until Ctrl-C (docs/demo.md).
import { checkNode, ensureBuild, ensureClient, ensurePackages } from "./ensure.mjs";
import { checkPort } from "./run/port.mjs";
import { readSettings } from "./run/settings.mjs";
import { ensureDebianPackages } from "./setup/debian.mjs";
import { checkLabMachine, ensureTrees, labPackages } from "./setup/lab.mjs";
import { runProgram } from "./setup/program.mjs";

await runProgram(async () => {
  checkNode();
  checkLabMachine("npm run demo");
  forgetOwnSettings();
  const settings = readSettings();
  await checkPort(settings.host, settings.port);
  await ensureDebianPackages(labPackages());
  await ensurePackages();
  await ensureClient();
  await ensureBuild();
  // Only now is there something to import.
  const { register } = await import("tsx/esm/api");
  register();
  const { demoTrees, runDemo } = await import("./demo.ts");
  await ensureTrees(demoTrees);
  await runDemo(settings);
});

/** The demo is a world of its own: what the person has set for his own Gatehouse must not be touched by it. */
function forgetOwnSettings() {
  for (const name of Object.keys(process.env))
    if (name === "DATABASE_URL" || name === "HOST" || /^GATEHOUSE_(?!LAB_)/.test(name))
      delete process.env[name];
}
