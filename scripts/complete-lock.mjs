// Completes package-lock.json with the optional binaries of platforms other than this one.
//
// npm leaves an optional package out of the lock when the registry in use does not hold it, and `npm ci` then
// refuses the lock as out of date. The missing entries are added by name, version and platform alone, which is
// all npm needs to skip them here and to install them where they belong. Run it after each change of dependencies.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Word in a package's name → the value of its `os` field; null: an `os` field would be wrong. */
const OPERATING_SYSTEMS = new Map([
  ["darwin", "darwin"],
  ["win32", "win32"],
  ["windows", "win32"],
  ["linux", "linux"],
  ["android", "android"],
  ["freebsd", "freebsd"],
  ["openharmony", "openharmony"],
]);
const PROCESSORS = ["arm64", "x64", "arm", "ia32", "ppc64", "s390x", "riscv64", "loong64", "wasm32"];

/**
 * Adds to a lock every optional dependency that it names and does not hold.
 *
 * @param {{ packages: Record<string, any> }} lock a parsed package-lock.json (version 3); changed in place
 * @returns {{ added: string[], inexact: string[] }} what was added; what could not be, having no exact version
 */
export function completeLock(lock) {
  const packages = lock.packages;
  const added = [];
  const inexact = [];
  for (const [place, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolve(packages, place, name)) continue;
      if (!/^\d+\.\d+\.\d+/.test(version)) {
        inexact.push(`${name}@${version}`);
        continue;
      }
      packages[`node_modules/${name}`] = {
        version,
        ...platformOf(name),
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
      };
      added.push(`${name}@${version}`);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { added, inexact };
}

/** Node's own look-up: the folder of the package that asks, then each folder above it. */
function resolve(packages, place, name) {
  let folder = place;
  for (;;) {
    if (packages[`${folder ? `${folder}/` : ""}node_modules/${name}`]) return true;
    if (!folder) return false;
    const above = folder.lastIndexOf("/node_modules/");
    folder = above < 0 ? "" : folder.slice(0, above);
  }
}

/** The platform fields that a package such as `@biomejs/cli-linux-x64-musl` has, read off its name. */
function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const os = words.map((word) => OPERATING_SYSTEMS.get(word)).find(Boolean);
  const cpu =
    PROCESSORS.find((word) => words.includes(word)) ??
    (words.some((w) => w.startsWith("arm")) ? "arm" : undefined);
  return {
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(words.includes("musl") ? { libc: ["musl"] } : {}),
    ...(os ? { os: [os] } : {}),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const file = path.resolve(import.meta.dirname, "../package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const { added, inexact } = completeLock(lock);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(
    added.length === 0 ? "package-lock.json is complete." : `Added to package-lock.json: ${added.join(", ")}`,
  );
  for (const name of inexact) console.warn(`Left out, not an exact version: ${name}`);
}
