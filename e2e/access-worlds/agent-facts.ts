import type { HostFacts } from "@/lib/access/facts";
export async function agentFacts(_root: string): Promise<HostFacts | undefined> {
  return undefined;
}
