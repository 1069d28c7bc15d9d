// Runs the demo with a tiny program in the place of its web process: what is tested needs no build.
import path from "node:path";
import { runDemo } from "@/scripts/demo";
import { readSettings } from "@/scripts/run/settings.mjs";
import { runProgram } from "@/scripts/setup/program.mjs";

const web = [path.resolve(import.meta.dirname, "../../run/testing/tiny-web.mjs")];

await runProgram(() => runDemo(readSettings(), { web }));
