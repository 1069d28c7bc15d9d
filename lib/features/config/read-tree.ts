import type { Agent } from "@/lib/agent/client";
import { now } from "@/lib/clock";
import type { Reading } from "@/lib/features/config/record-reading";

/**
 * The whole tree of sshd's configuration, with the protected original of each file that is new to us and no longer as it
 * was found.
 *
 * @param known paths of the files that were recorded before
 */
export async function readTree(agent: Agent, known: ReadonlySet<string>): Promise<Reading> {
  const files = await agent.readConfig();
  const originals = new Map<string, Buffer>();
  for (const file of files)
    if (!known.has(file.path) && file.originalSha256 && file.originalSha256 !== file.sha256)
      originals.set(file.path, await agent.readOriginal(file.id));
  return { at: now(), files, originals };
}
