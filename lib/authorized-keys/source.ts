import { isInNetwork, matchAddressList, parseAddress, parseNetwork } from "@/lib/sshd-config/address";
import type { Release } from "@/lib/sshd-config/build";
import { lowerAscii, matchPatternList } from "@/lib/sshd-config/pattern";

/** Where a login comes from, as sshd sees it. */
export interface Source {
  /** Numeric. */
  readonly address: string;
  /** The client's name; with `UseDNS no`, or when the name does not lead back, it is the address. */
  readonly host: string;
}

/**
 * Does `from=` of a line let the source in?
 *
 * A list of names, addresses and networks with wildcards; a negated item that matches by name or by address refuses.
 *
 * @returns "invalid" for a list that sshd cannot read, by which it refuses everybody
 * @see match.c:match_host_and_ip
 */
export function matchesFrom(list: string, { address, host }: Source, release: Release): boolean | "invalid" {
  const byAddress = matchAddressList(address, list, release);
  if (byAddress === "invalid") return "invalid";
  if (byAddress === -1) return false;
  const byName = matchPatternList(lowerAscii(host), list, true);
  return byName !== -1 && (byName === 1 || byAddress === 1);
}

/** An IPv6 address with an embedded IPv4 one takes 46 bytes in C; three more are for the mask. */
const longestNetwork = 46 + 3;

/**
 * Is the address in a list of networks, as the source-address of a certificate is one? No wildcards, no negation.
 *
 * @param address undefined: only the form of the list is checked (false or "invalid")
 * @see addrmatch.c:addr_match_cidr_list
 */
export function matchNetworkList(
  address: string | undefined,
  list: string,
  release: Release,
): boolean | "invalid" {
  const parsed = address === undefined ? undefined : parseAddress(address);
  if (address !== undefined && !parsed) return false;
  let isFound = false;
  for (const item of list.split(",")) {
    if (item.length > longestNetwork || !/^[0-9a-fA-F.:/]+$/.test(item)) return "invalid";
    const network = parseNetwork(item, release);
    if (typeof network === "string") return "invalid";
    if (parsed && isInNetwork(parsed, network)) isFound = true;
  }
  return isFound;
}
