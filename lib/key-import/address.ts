/** Ranges from which nothing is fetched, IPv4: [first byte…, bits]. */
const refused4: readonly [text: string, what: string][] = [
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "protocol assignments"],
  ["192.0.2.0/24", "documentation"],
  ["192.31.196.0/24", "AS112"],
  ["192.52.193.0/24", "AMT"],
  ["192.88.99.0/24", "6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["192.175.48.0/24", "AS112"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved, broadcast"],
];

/** Exceptions within 2000::/3, which is all that the IPv6 Internet has. */
const refused6: readonly [text: string, what: string][] = [
  ["2001::/23", "protocol assignments, Teredo, ORCHID"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4, which holds an IPv4 address"],
  ["2620:4f:8000::/48", "AS112"],
  ["3fff::/20", "documentation"],
];
const global6 = "2000::/3";

/**
 * Why nothing may be fetched from an address, in words; undefined for one of the public Internet.
 *
 * IPv6 is judged by what is allowed: outside of 2000::/3 lie loopback, link-local, unique local, multicast, addresses
 * that hold an IPv4 one (mapped, compatible, NAT64) and what is yet to be assigned.
 *
 * @param address as a resolver gives it; anything else is refused
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890)
 */
export function refuseAddress(address: string): string | undefined {
  const four = parse4(address);
  if (four !== undefined) {
    const found = refused4.find(([range]) => isWithin4(four, range));
    return found && `${address} is no address of the public Internet (${found[1]})`;
  }
  const six = parse6(address);
  if (six === undefined) return `${JSON.stringify(address)} is no address`;
  if (!isWithin6(six, global6)) return `${address} is no address of the public Internet`;
  const found = refused6.find(([range]) => isWithin6(six, range));
  return found && `${address} is no address of the public Internet (${found[1]})`;
}

/** Four decimal numbers and nothing else: no octal, no hexadecimal, no missing parts. */
function parse4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

/** Without a zone ("%eth0"), which only addresses of this link have. */
function parse6(text: string): bigint | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const groups = [...head, ...(tail ?? [])];
  const missing = 8 - groups.length;
  if (tail ? missing < 1 : missing !== 0) return undefined;
  if (tail) groups.splice(head.length, 0, ...new Array<bigint>(missing).fill(0n));
  return groups.reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** The 16-bit groups of a part of an address; the end of the last part may be an IPv4 address. */
function groupsOf(text: string, isLast: boolean): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(BigInt(`0x${word}`));
    else {
      const four = isLast && index === words.length - 1 ? parse4(word) : undefined;
      if (four === undefined) return undefined;
      groups.push(four >> 16n, four & 0xffffn);
    }
  }
  return groups;
}

function isWithin4(address: bigint, range: string): boolean {
  const [base = "", bits] = range.split("/");
  const shift = BigInt(32 - Number(bits));
  return address >> shift === parse4(base)! >> shift;
}

function isWithin6(address: bigint, range: string): boolean {
  const [base = "", bits] = range.split("/");
  const shift = BigInt(128 - Number(bits));
  return address >> shift === parse6(base)! >> shift;
}
