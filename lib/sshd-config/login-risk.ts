import { findKeyword, riskOf } from "@/lib/sshd-config/directives";
import { listening } from "@/lib/sshd-config/directives/listening";

const ofListening: ReadonlySet<string> = new Set(listening.map(({ name }) => name));

/**
 * Whether a directive can keep people out while another account's login, such as ours, still succeeds: by who may log
 * in, by what runs for them (a ForceCommand, their keys' command), by ciphers and keys that their client lacks, or by
 * the address and port they come to. An unknown keyword can.
 *
 * What remains: forwarding, the session's look and length, logging.
 *
 * @param keyword in any spelling of its letters
 */
export function canKeepPeopleOut(keyword: string): boolean {
  const risk = riskOf(keyword);
  if (risk === "access" || risk === "execute" || risk === "crypto") return true;
  return risk === "network" && ofListening.has(findKeyword(keyword)?.name ?? "");
}
