// Runs a program of this folder as a browser runs its code: bundled and minified, names not kept. tsx alone wraps
// nested functions to keep their names, which makes small ones several times slower than they are for anybody.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [program, ...rest] = process.argv.slice(2);
const directory = mkdtempSync(path.join(tmpdir(), "gatehouse-bench-"));
const outfile = path.join(directory, "program.mjs");
try {
  await build({
    entryPoints: [program],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  process.argv.splice(1, process.argv.length, program, ...rest);
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
