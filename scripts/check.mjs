// npm run check: format, lint, types, import rules, migrations, shell scripts, unit tests.
import { checkNode, ensureClient, ensurePackages, ensureTypes } from "./ensure.mjs";
import { runProgram } from "./setup/program.mjs";
import { summarize } from "./suites/result.mjs";

await runProgram(async () => {
  checkNode();
  await ensurePackages();
  await ensureClient();
  await ensureTypes();
  const { runCheck } = await import("./suites/check.mjs");
  const { lines, exitCode } = summarize(await runCheck());
  console.log(`\n${lines.join("\n")}`);
  process.exitCode = exitCode;
});
