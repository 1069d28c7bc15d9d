// npm start: installs and builds what is missing, then runs the whole product until Ctrl-C.
import { launchProduct } from "./run/launch.mjs";
import { runProgram } from "./setup/program.mjs";

await runProgram(() => launchProduct("production"));
