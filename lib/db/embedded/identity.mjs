// As whom PostgreSQL runs: it refuses to be root.
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, statSync } from "node:fs";
import path from "node:path";
import { Problem } from "../problem.mjs";

/** nobody and nogroup of Debian, and the kernel's overflow ids everywhere. */
const NOBODY = 65_534;

/**
 * @typedef {object} Identity
 * @property {(command: string, args: string[]) => [string, string[]]} wrap the command line that runs as it
 * @property {{ uid?: number, gid?: number }} spawnOptions for node:child_process
 * @property {(folder: string) => void} own makes a new folder its own
 */

/** @type {Identity} */
const ourselves = { wrap: (command, args) => [command, args], spawnOptions: {}, own: () => {} };

/** Root inside a user namespace of one user, where root is called nobody: the files stay root's. */
const mapped = {
  ...ourselves,
  wrap: (command, args) =>
    /** @type {[string, string[]]} */ ([
      "unshare",
      ["--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, command, ...args],
    ]),
};

/** The real nobody, for containers that forbid user namespaces. */
const nobody = {
  ...ourselves,
  spawnOptions: { uid: NOBODY, gid: NOBODY },
  own: (folder) => chownSync(folder, NOBODY, NOBODY),
};

/**
 * As whom to run PostgreSQL on a data folder. A folder that nobody owns goes on as nobody's.
 *
 * @param {string} folder need not exist yet; its parent does
 * @param {string} binaries folder of the programs
 * @returns {Identity}
 * @throws {Problem} when we are root, namespaces are forbidden, and nobody cannot reach the folder
 */
export function identityFor(folder, binaries) {
  if (process.getuid?.() !== 0) return ourselves;
  const isNobodys = existsSync(folder) && statSync(folder).uid === NOBODY;
  if (!isNobodys && spawnSync(...mapped.wrap("true", []), { stdio: "ignore" }).status === 0) return mapped;
  // Passing through is all that nobody gets; what lies beside has modes of its own.
  chmodSync(path.dirname(folder), 0o711);
  for (const place of [path.dirname(folder), binaries]) {
    const reach = spawnSync("test", ["-x", `${place}/.`], { ...nobody.spawnOptions, stdio: "ignore" });
    if (reach.status === 0) continue;
    throw new Problem(
      `PostgreSQL does not run as root, user namespaces are forbidden here, and the account "nobody" cannot reach ${place}. ` +
        "Start Gatehouse as an ordinary user, or choose a reachable folder (GATEHOUSE_DATA=/var/lib/gatehouse), or set DATABASE_URL.",
    );
  }
  return nobody;
}
