import {
  findExpiredAccounts,
  findNeverUsed,
  findNoWayIn,
  findPasswordAlone,
  findRootByPassword,
  findSudoWithoutFactor,
} from "@/lib/access/account-findings";
import { findDeadNames, findUnreadableRevocation, findWritablePaths } from "@/lib/access/file-findings";
import type { Finding, FindingInput, Rule } from "@/lib/access/finding";
import { findKeyFaults } from "@/lib/access/key-findings";

const rules: readonly Rule[] = [
  findRootByPassword,
  findPasswordAlone,
  findKeyFaults,
  findWritablePaths,
  findUnreadableRevocation,
  findDeadNames,
  findSudoWithoutFactor,
  findExpiredAccounts,
  findNoWayIn,
  findNeverUsed,
];

/** Everything to report about a host, the worst first. Empty for a host whose sshd refuses its configuration. */
export function findAccessFaults(input: FindingInput): Finding[] {
  if (input.server.refused !== undefined) return [];
  const rank = { high: 0, medium: 1, low: 2 } as const;
  return rules.flatMap((rule) => rule(input)).sort((a, b) => rank[a.severity] - rank[b.severity]);
}
