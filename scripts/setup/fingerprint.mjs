// What a step was made from, so that it is done again only when that has changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Files that no build reads; a changed test must not cost a build. */
const NOT_BUILT = /(^|\/)(generated|testing)\/|\.test\.tsx?$/;

/**
 * SHA-256 (hex) over names and contents of files and of everything in folders; what is absent counts as absent.
 *
 * @param {string} root
 * @param {readonly string[]} places paths under `root`
 * @param {string} [extra] anything else that matters, such as a version
 */
export function fingerprint(root, places, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const file of places.flatMap((place) => filesUnder(root, place)).sort())
    hash.update(`\0${file}\0`).update(readFileSync(path.join(root, file)));
  return hash.digest("hex");
}

function filesUnder(root, place) {
  const full = path.join(root, place);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [place];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !NOT_BUILT.test(file));
}

/** Stamps live with what they describe: who deletes node_modules has every step done again. */
function stampFile(root, step) {
  return path.join(root, "node_modules/.gatehouse", step);
}

/** Whether `step` was last completed with this fingerprint. */
export function isCurrent(root, step, print) {
  const file = stampFile(root, step);
  return existsSync(file) && readFileSync(file, "utf8") === print;
}

/** Remembers that `step` was completed with this fingerprint. */
export function markCurrent(root, step, print) {
  const file = stampFile(root, step);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, print);
}
