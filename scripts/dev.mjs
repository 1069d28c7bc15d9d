// npm run dev: the product with hot reload, on the same kind of database as everywhere.
import { launchProduct } from "./run/launch.mjs";
import { runProgram } from "./setup/program.mjs";

await runProgram(() => launchProduct("development"));
