// Checks who imports whom. Part of `npm run check`; alone: node scripts/import-rules.mjs
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { findViolations } from "./import-rules/violations.mjs";

const root = path.resolve(import.meta.dirname, "..");
const listed = execFileSync(
  "git",
  ["ls-files", "-co", "--exclude-standard", "*.ts", "*.tsx", "*.mjs", "*.js", "*.cjs"],
  {
    cwd: root,
    encoding: "utf8",
  },
);
const files = listed
  .split("\n")
  .filter((file) => file && existsSync(path.join(root, file)))
  .map((file) => ({ file, source: readFileSync(path.join(root, file), "utf8") }));
const violations = findViolations(files);
for (const { file, line, what, remedy } of violations)
  console.error(`${file}:${line}  ${what}\n    ${remedy}`);
if (violations.length > 0) process.exitCode = 1;
console.log(`${files.length} files, ${violations.length} forbidden imports.`);
