import { execFileSync } from "node:child_process";
import path from "node:path";

/** Builds what is not built yet, once: products that start side by side would each begin, and Next lets one. */
export default function build(): void {
  execFileSync(process.execPath, ["scripts/ensure.mjs", "build"], {
    cwd: path.resolve(import.meta.dirname, ".."),
    stdio: "inherit",
  });
}
