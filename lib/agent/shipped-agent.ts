import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

/** The agent and installer that this version of Gatehouse ships. */
export interface ShippedAgent {
  readonly version: string;
  readonly sha256: string;
  readonly content: Buffer;
  /** agent/install.sh */
  readonly installer: string;
}

let read: ShippedAgent | undefined;

/**
 * The shipped agent, read once from the folder agent/ of the working directory (npm's scripts start us there).
 *
 * @throws Error when the files are missing or the agent does not say its version: the installation is damaged
 */
export function shippedAgent(): ShippedAgent {
  if (read) return read;
  const folder = path.join(/* turbopackIgnore: true */ process.cwd(), "agent");
  const content = readFileSync(path.join(folder, "agent.sh"));
  const installer = readFileSync(path.join(folder, "install.sh"), "utf8");
  const version = /^(?:readonly )?(?:AGENT_)?VERSION=['"]?([0-9A-Za-z.+-]{1,32})['"]?\s*$/m.exec(
    content.toString("utf8"),
  )?.[1];
  if (!version) throw new Error("agent/agent.sh does not say its version: the installation is damaged");
  read = { version, sha256: createHash("sha256").update(content).digest("hex"), content, installer };
  return read;
}
