import type { HostConfigView } from "@/lib/features/config/views";
import type { HostKnowledge } from "@/lib/sshd-config/host-knowledge";

/** What the host has told of itself that a finding may depend on; nothing about what it has not told. */
export function hostKnowledgeOf({ sshdUnit }: Pick<HostConfigView, "sshdUnit">): HostKnowledge {
  switch (sshdUnit) {
    case "socket":
      return { isSocketActivated: true };
    case "service":
      return { isSocketActivated: false };
    default:
      // Started by something else than a unit that is known, or not asked yet.
      return {};
  }
}
