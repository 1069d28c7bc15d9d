// npm run safety-tables: writes the figures of docs/safety.md from the summaries in docs/safety. With --take, the
// summaries of the last runs (test-results) become those of the document first.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fillTables } from "./safety/tables.mjs";

const root = path.resolve(import.meta.dirname, "..");
const names = ["faults", "faults-earlier", "lockouts", "false-confirms", "push", "web"];
const committed = (name) => path.join(root, "docs/safety", `${name}.json`);

if (process.argv.includes("--take")) {
  for (const name of names) {
    const fresh = path.join(root, "test-results", `${name}-summary.json`);
    if (existsSync(fresh)) copyFileSync(fresh, committed(name));
  }
  execFileSync(path.join(root, "node_modules/.bin/biome"), ["format", "--write", "docs/safety"], {
    cwd: root,
  });
}
const figures = Object.fromEntries(
  names.map((name) => [name, JSON.parse(readFileSync(committed(name), "utf8"))]),
);
const document = path.join(root, "docs/safety.md");
writeFileSync(document, fillTables(readFileSync(document, "utf8"), figures));
