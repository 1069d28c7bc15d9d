import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { explainWrite, Problem } from "../../lib/db/problem.mjs";

/**
 * Makes the data folder when it is absent, closes it to others and proves that it can be written.
 *
 * @param {string} folder
 * @throws {Problem}
 */
export function prepareDataFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!statSync(folder).isDirectory()) throw new Problem(`${folder} is not a folder.`);
    // Others may at most pass through (lib/db/embedded/identity.mjs).
    const { mode } = statSync(folder);
    if ((mode & 0o066) !== 0) chmodSync(folder, mode & 0o711);
    // A byte, because an empty file fits on a full disk.
    const probe = path.join(folder, `.probe-${process.pid}`);
    try {
      writeFileSync(probe, "1");
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (error) {
    if (error.code === "EEXIST" || error.code === "ENOTDIR")
      throw new Problem(
        `The data folder ${folder} cannot be made: a file is in its way. Choose another one in GATEHOUSE_DATA.`,
      );
    throw explainWrite(error, folder);
  }
}
