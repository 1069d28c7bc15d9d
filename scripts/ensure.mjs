// Brings a fresh checkout to where it can run: packages, database client, build. Plain Node, because nothing is
// installed yet. Each step is skipped while what it was made from is unchanged; then no network is needed either.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Problem } from "../lib/db/problem.mjs";
import { fingerprint, isCurrent, markCurrent } from "./setup/fingerprint.mjs";
import { runProgram } from "./setup/program.mjs";
import { runStep } from "./setup/progress.mjs";

export const root = path.resolve(import.meta.dirname, "..");
const bin = (name) => path.join(root, "node_modules/.bin", name);
const QUIET = { NEXT_TELEMETRY_DISABLED: "1", CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" };

/** What `next build` reads. */
const BUILT_FROM = [
  "app",
  "components",
  "lib",
  "public",
  "agent/agent.sh",
  "agent/install.sh",
  "proxy.ts",
  "instrumentation.ts",
  "next.config.js",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
  "prisma/schema",
];

/** @throws {Problem} on a Node that the product does not run on */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return;
  throw new Problem(
    `Node ${version} is too old or unsupported. Install Node 24 (20.19 and 22.12 or newer of those work too).`,
  );
}

/** Installs the packages of the lock, unless they are the ones installed. */
export async function ensurePackages() {
  if (areInstalled()) return;
  await runStep("Installing packages", "npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: root,
  });
}

/** npm keeps a lock of what it has installed; a package of ours must be in it with the same version. */
function areInstalled() {
  const wanted = readLock("package-lock.json");
  const installed = readLock("node_modules/.package-lock.json");
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(
    ([place, entry]) =>
      place === "" || entry.optional || entry.peer || installed[place]?.version === entry.version,
  );
}

function readLock(file) {
  const full = path.join(root, file);
  return existsSync(full) ? JSON.parse(readFileSync(full, "utf8")).packages : undefined;
}

/** Generates the database client from the schema. */
export async function ensureClient() {
  const print = fingerprint(root, ["prisma/schema", "prisma.config.ts", "package-lock.json"]);
  if (existsSync(path.join(root, "lib/generated/prisma/client.ts")) && isCurrent(root, "client", print))
    return;
  await runStep("Generating the database client", bin("prisma"), ["generate"], { cwd: root, env: QUIET });
  markCurrent(root, "client", print);
}

/** Has Next write the declarations that the compiler needs and that are not in the repository: they name each route. */
export async function ensureTypes() {
  const routes = readdirSync(path.join(root, "app"), { recursive: true }).sort().join("\n");
  const print = fingerprint(root, ["next.config.js", "package-lock.json"], routes);
  if (existsSync(path.join(root, "next-env.d.ts")) && isCurrent(root, "types", print)) return;
  await runStep("Generating Next's types", bin("next"), ["typegen"], { cwd: root, env: QUIET });
  markCurrent(root, "types", print);
}

/** Builds the web application. */
export async function ensureBuild() {
  const print = fingerprint(root, BUILT_FROM, process.version);
  if (existsSync(path.join(root, ".next/BUILD_ID")) && isCurrent(root, "build", print)) return;
  const env = { ...QUIET, NODE_ENV: "production" };
  await runStep("Building the web application", bin("next"), ["build"], { cwd: root, env });
  markCurrent(root, "build", print);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await runProgram(async () => {
    checkNode();
    await ensurePackages();
    await ensureClient();
    if (process.argv.includes("build")) await ensureBuild();
  });
