import type { HostFacts } from "@/lib/access/facts";

/** Why rules cannot rely on what was read on a host, one sentence each; empty when they can. */
export function doubtsOf(
  facts: Pick<HostFacts, "cuts" | "isConsistent">,
  refused: string | undefined,
): string[] {
  return [
    ...(refused !== undefined
      ? ["sshd refuses its own configuration, so what it lets in now is not known."]
      : []),
    ...(facts.isConsistent ? [] : ["Something moved on the host while it was read."]),
    ...(facts.cuts.length > 0 ? ["Not all of the host was read: a limit was reached."] : []),
  ];
}
