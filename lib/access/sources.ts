import type { Server } from "@/lib/access/server";
import { type Address, type Network, parseNetwork, printAddress } from "@/lib/sshd-config/address";

/** Client addresses that no rule tells apart: a run of one family. */
export interface SourceRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  /** The first address as text, which stands for all. */
  readonly address: string;
}

/** What the rules of a host distinguish. */
export interface SourceRules {
  readonly networks: readonly Network[];
  /** Patterns that cannot be turned into networks: "10.*.1.?". What they match is not told apart. */
  readonly opaque: readonly string[];
}

const widths = { 4: 32n, 6: 128n } as const;

/** A number as an address of the family. */
export function addressAt(family: 4 | 6, value: bigint): string {
  const length = family === 4 ? 4 : 16;
  const bytes = Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n));
  return printAddress({ family, bytes });
}

/** An address as a number; compare within one family only. */
export function toNumber(address: Address): bigint {
  return address.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** What the configuration of a host distinguishes: criteria of Match lines, patterns of AllowUsers and DenyUsers. */
export function rulesOfServer(server: Server): SourceRules {
  if (!server.usesNames) return rulesOf(server.lists, server);
  // Addresses that have a name count one by one where names are looked up.
  const hosts = server.facts.files["/etc/hosts"]?.text ?? "";
  return rulesOf(
    [...server.lists, ...hosts.split("\n").flatMap((line) => line.trim().split(/\s+/, 1))],
    server,
  );
}

/** The networks that occur in lists of addresses, wildcards and names. */
export function rulesOf(lists: readonly string[], { build }: Server): SourceRules {
  const networks: Network[] = [];
  const opaque = new Set<string>();
  const items = new Set(
    lists.flatMap((list) => list.split(/[\s,="']+/)).map((item) => item.replace(/^!/, "")),
  );
  for (const item of items) {
    if (item === "" || /^\*+$/.test(item)) continue;
    const network = parseNetwork(item, build.release);
    if (typeof network !== "string") networks.push(network);
    else if (network === "none" && /[*?]/.test(item)) {
      const expanded = expandWildcard(item);
      if (expanded) networks.push(...expanded);
      else if (/^[\d.*?]+$|^[\da-fA-F:.*?]+$/.test(item)) opaque.add(item);
    }
  }
  if (networks.length > mostNetworks)
    return { networks: [], opaque: [`${networks.length} networks, too many to tell apart`] };
  return { networks, opaque: [...opaque].slice(0, mostNetworks) };
}

/** Every network cuts the addresses twice, and each piece is judged by every list: a hostile file must not cost time. */
const mostNetworks = 1000;

/** A wildcard on the text of an IPv4 address, when it fixes the front: "192.168.*", "10.1*", "127.0.0.?". */
function expandWildcard(pattern: string): Network[] | undefined {
  const read = /^((?:\d{1,3}\.){0,3})([\d?]*)(\*?)$/.exec(pattern);
  if (!read) return undefined;
  const [, front = "", part = "", star = ""] = read;
  const fixed = front
    .split(".")
    .filter((o) => o !== "")
    .map(Number);
  if (fixed.some((octet) => octet > 255)) return undefined;
  const depth = fixed.length;
  if (star === "" && depth < 3) return undefined;
  const expression = new RegExp(`^${part.replaceAll("?", ".")}${star ? ".*" : ""}$`);
  const networks: Network[] = [];
  for (let octet = 0; octet < 256; octet++) {
    // A `?` may also stand for the dot, behind which anything may come.
    if (!expression.test(String(octet)) && !(star && expression.test(`${octet}.`))) continue;
    const bytes = [...fixed, octet, 0, 0, 0].slice(0, 4);
    networks.push({ address: { family: 4, bytes }, bits: 8 * (depth + 1) });
  }
  return networks;
}

/** Cuts all addresses where a rule begins or ends. With no rule for a family it stays whole. */
export function partition(rules: readonly SourceRules[]): SourceRange[] {
  return ([4, 6] as const).flatMap((family) => {
    const end = 1n << widths[family];
    const cuts = new Set([0n]);
    for (const { networks } of rules) {
      for (const { address, bits } of networks) {
        if (address.family !== family) continue;
        const first = toNumber(address);
        cuts.add(first);
        cuts.add(first + (1n << (widths[family] - BigInt(bits))));
      }
    }
    const sorted = [...cuts].filter((cut) => cut < end).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return sorted.map((first, i) => ({
      family,
      first,
      last: (sorted[i + 1] ?? end) - 1n,
      address: addressAt(family, first),
    }));
  });
}

/** Joins runs that touch; the result is in order, IPv4 first. */
export function joinRanges(ranges: readonly SourceRange[]): SourceRange[] {
  const joined: SourceRange[] = [];
  const sorted = ranges.toSorted((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1));
  for (const range of sorted) {
    const before = joined.at(-1);
    if (before && before.family === range.family && before.last + 1n === range.first)
      joined[joined.length - 1] = { ...before, last: range.last };
    else joined.push(range);
  }
  return joined;
}

/**
 * Runs of addresses for people: "any address", "any IPv6 address", networks, or first–last where that is shorter.
 */
export function describeRanges(ranges: readonly SourceRange[]): string[] {
  const joined = joinRanges(ranges);
  const isWhole = (r: SourceRange) => r.first === 0n && r.last === (1n << widths[r.family]) - 1n;
  const whole = joined.filter(isWhole);
  if (whole.length === 2) return ["any address"];
  return joined.map((range) => {
    if (isWhole(range)) return `any IPv${range.family} address`;
    const first = range.address;
    const size = range.last - range.first + 1n;
    const isNetwork = (size & (size - 1n)) === 0n && range.first % size === 0n;
    if (!isNetwork) return `${first}–${addressAt(range.family, range.last)}`;
    if (size === 1n) return first;
    return `${first}/${widths[range.family] - BigInt(size.toString(2).length - 1)}`;
  });
}
