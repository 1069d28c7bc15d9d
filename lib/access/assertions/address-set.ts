import type { AddressScope } from "@/lib/access/assertions/assertion";
import { addressAt, type SourceRange, toNumber } from "@/lib/access/sources";
import { parseAddress, parseNetwork } from "@/lib/sshd-config/address";
import { builds } from "@/lib/sshd-config/build";

/** Addresses: runs that neither overlap nor touch, in order, IPv4 first. */
export type AddressSet = readonly SourceRange[];

/** A run as text, as a LoginPath has it. */
export interface AddressRun {
  readonly first: string;
  readonly last: string;
}

const families = [4, 6] as const;
const end = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;
/** We read networks as the newest sshd does. */
const release = builds.at(-1)?.release ?? 1000;

const run = (family: 4 | 6, first: bigint, last: bigint): SourceRange => ({
  family,
  first,
  last,
  address: addressAt(family, first),
});

/** Every address there is. */
export const everyAddress: AddressSet = families.map((family) => run(family, 0n, end[family]));

/** All addresses of some runs, which may overlap. */
export function unite(ranges: readonly SourceRange[]): AddressSet {
  const united: SourceRange[] = [];
  const sorted = ranges.toSorted((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1));
  for (const range of sorted) {
    const before = united.at(-1);
    if (!before || before.family !== range.family || before.last + 1n < range.first) united.push(range);
    else if (range.last > before.last) united[united.length - 1] = { ...before, last: range.last };
  }
  return united;
}

/** The addresses that are in both. */
export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  return unite(
    a.flatMap((one) =>
      b.flatMap((other) => {
        if (one.family !== other.family) return [];
        let { first, last } = one;
        if (other.first > first) first = other.first;
        if (other.last < last) last = other.last;
        return first <= last ? [run(one.family, first, last)] : [];
      }),
    ),
  );
}

/** The addresses of `a` that are not in `b`. */
export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  return intersect(a, complement(b));
}

function complement(set: AddressSet): AddressSet {
  return families.flatMap((family) => {
    const left: SourceRange[] = [];
    let next = 0n;
    for (const { first, last } of set.filter((range) => range.family === family)) {
      if (first > next) left.push(run(family, next, first - 1n));
      next = last + 1n;
    }
    if (next <= end[family]) left.push(run(family, next, end[family]));
    return left;
  });
}

/** The runs of a path, or of an answer that was kept. A run that is none counts for every address. */
export function setOfRuns(runs: readonly AddressRun[]): AddressSet {
  return unite(
    runs.flatMap(({ first, last }) => {
      const [from, to] = [parseAddress(first), parseAddress(last)];
      if (!from || !to || from.family !== to.family) return everyAddress;
      return [run(from.family, toNumber(from), toNumber(to))];
    }),
  );
}

export function runsOf(set: AddressSet): AddressRun[] {
  return set.map(({ family, address, last }) => ({ first: address, last: addressAt(family, last) }));
}

/**
 * The addresses that a scope speaks of.
 *
 * @throws RangeError for a network that `refuseNetwork` refuses: a rule must not speak of less than it says
 */
export function setOfScope(scope: AddressScope): AddressSet {
  if (scope.kind === "any") return everyAddress;
  const inside = unite(scope.networks.map(rangeOf));
  return scope.kind === "inside" ? inside : complement(inside);
}

function rangeOf(text: string): SourceRange {
  const network = parseNetwork(text, release);
  if (typeof network === "string") throw new RangeError(`"${text}" is no network.`);
  const { address, bits } = network;
  const first = toNumber(address);
  const width = address.family === 4 ? 32n : 128n;
  return run(address.family, first, first + (1n << (width - BigInt(bits))) - 1n);
}

/** Why a text is no network of a rule, in a sentence; undefined when it is one. */
export function refuseNetwork(text: string): string | undefined {
  // sshd also takes the old forms of IPv4 ("10.1" is 10.0.0.1): people who write them mean something else.
  const isNow = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}(\/\d{1,2})?$/.test(text);
  const network = text.includes(":") || isNow ? parseNetwork(text, release) : "none";
  if (network === "none")
    return `"${text}" is no network: write one like 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32.`;
  if (network === "inconsistent")
    return `"${text}" is no network: the part behind the mask must be zero, and the mask not longer than the address.`;
  return undefined;
}
