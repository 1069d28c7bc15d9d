import { createHash } from "node:crypto";

/** How a file is named on the wire: the SHA-256 of its path (agent/README.md). No path ever comes over it. */
export function fileIdOf(path: string): string {
  return createHash("sha256").update(path).digest("hex");
}
