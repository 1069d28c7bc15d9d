import type { Release } from "@/lib/sshd-config/build";
import { maxInt, parseDecimal } from "@/lib/sshd-config/number";
import { type ListMatch, matchesPattern } from "@/lib/sshd-config/pattern";

/** A numeric IP address. An IPv4 address mapped into IPv6 stays an IPv6 address, as in sshd. */
export interface Address {
  family: 4 | 6;
  /** 4 or 16. */
  bytes: readonly number[];
}

/**
 * Reads a numeric address as getaddrinfo(3) with AI_NUMERICHOST does: IPv6, and IPv4 also in its old forms
 * (`10.1`, `0x7f.1`, octal parts).
 */
export function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** The form everybody writes: four numbers up to 255 without leading zeros; undefined for others, sound or not. */
function parseDotted(text: string): number[] | undefined {
  if (text.length > 15) return undefined;
  const bytes: number[] = [];
  let number = -1;
  for (let i = 0; i <= text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (number === 0) return undefined;
      number = number < 0 ? digit : number * 10 + digit;
    } else {
      if (number < 0 || number > 255 || (i < text.length && digit !== -2)) return undefined;
      bytes.push(number);
      number = -1;
    }
  }
  return bytes.length === 4 ? bytes : undefined;
}

function parseIpv4(text: string): Address | undefined {
  const dotted = parseDotted(text);
  if (dotted) return { family: 4, bytes: dotted };
  const parts = text.split(".");
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parsePart);
  if (numbers.some((n) => n === undefined)) return undefined;
  const last = numbers.pop()!;
  const room = 4 - numbers.length;
  if (last >= 256 ** room || numbers.some((n) => n! > 255)) return undefined;
  const tail = Array.from({ length: room }, (_, i) => Math.floor(last / 256 ** (room - 1 - i)) % 256);
  return { family: 4, bytes: [...(numbers as number[]), ...tail] };
}

function parsePart(part: string): number | undefined {
  const radix = /^0x/i.test(part) ? 16 : /^0./.test(part) ? 8 : 10;
  const digits = radix === 16 ? part.slice(2) : part;
  const allowed = radix === 16 ? /^[0-9a-f]+$/i : radix === 8 ? /^[0-7]+$/ : /^\d+$/;
  if (!allowed.test(digits)) return undefined;
  const value = Number.parseInt(digits, radix);
  return value <= 0xffffffff ? value : undefined;
}

function parseIpv6(text: string): Address | undefined {
  const scope = text.indexOf("%");
  const address = scope < 0 ? text : /^%\d+$/.test(text.slice(scope)) ? text.slice(0, scope) : "";
  const halves = address.split("::");
  if (halves.length > 2 || address === "") return undefined;
  const groups = halves.map((half, i) => (half === "" ? [] : parseGroups(half, i === halves.length - 1)));
  if (groups.some((g) => g === undefined)) return undefined;
  const [head, tail] = groups as number[][];
  const given = head!.length + (tail?.length ?? 0);
  if (halves.length === 1 ? given !== 16 : given > 14) return undefined;
  const zeros = new Array<number>(16 - given).fill(0);
  return { family: 6, bytes: [...head!, ...zeros, ...(tail ?? [])] };
}

function parseGroups(half: string, mayEndInIpv4: boolean): number[] | undefined {
  const bytes: number[] = [];
  const groups = half.split(":");
  for (const [i, group] of groups.entries()) {
    if (group.includes(".")) {
      const v4 =
        /^\d{1,3}(\.\d{1,3}){3}$/.test(group) && !/(^|\.)0\d/.test(group) ? parseIpv4(group) : undefined;
      if (!v4 || !mayEndInIpv4 || i !== groups.length - 1) return undefined;
      bytes.push(...v4.bytes);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    } else return undefined;
  }
  return bytes;
}

/** An address as getnameinfo(3) writes it: IPv6 in lower case with the longest run of zeros shortened. */
export function printAddress(address: Address): string {
  if (address.family === 4) return address.bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => address.bytes[2 * i]! * 256 + address.bytes[2 * i + 1]!);
  let best = { from: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { from: i, length };
  }
  const mapped = best.from === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 0xffff));
  const hex = groups.map((g) => g.toString(16));
  if (mapped) return `::${best.length === 5 ? "ffff:" : ""}${address.bytes.slice(12).join(".")}`;
  if (best.from < 0) return hex.join(":");
  return `${hex.slice(0, best.from).join(":")}::${hex.slice(best.from + best.length).join(":")}`;
}

export interface Network {
  address: Address;
  /** Leading bits that must be equal. */
  bits: number;
}

/** "none": not a network at all (it may be a wildcard). "inconsistent": a mask too long, or host bits set. */
export type NetworkText = Network | "none" | "inconsistent";

/**
 * Reads ADDRESS or ADDRESS/BITS.
 *
 * @param release up to 9.7 a mask of more than 128 bits makes it no network, later an inconsistent one
 * @see OpenSSH addr.c:addr_pton_cidr
 */
export function parseNetwork(text: string, release: Release): NetworkText {
  if (text.length >= 64) return "none";
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? undefined : text.slice(slash + 1);
  const given = mask === undefined ? undefined : parseMask(mask, release);
  const address = given === "none" ? undefined : parseAddress(host);
  if (!address || given === "none") return "none";
  const width = address.bytes.length * 8;
  const bits = given ?? width;
  if (bits > width) return "inconsistent";
  return address.bytes.some((byte, i) => byte !== maskByte(byte, bits - 8 * i))
    ? "inconsistent"
    : { address, bits };
}

function parseMask(text: string, release: Release): number | "none" {
  if (release < 908) {
    // Since 9.2 (addr.c 1.6) the first character must be a digit.
    if (release >= 902 && !/^\d/.test(text)) return "none";
    // strtoul(3): blanks and a sign may stand in front; a negative number is a very great one.
    const [, sign, digits] = /^[\t-\r ]*([+-]?)(\d+)$/.exec(text) ?? [];
    const bits = Number(digits ?? Number.NaN);
    return bits <= 128 && (sign !== "-" || bits === 0) ? bits : "none";
  }
  const bits = parseDecimal(text, 0, maxInt);
  return typeof bits === "number" ? bits : "none";
}

function maskByte(byte: number, bits: number): number {
  return bits >= 8 ? byte : bits <= 0 ? 0 : byte & (0xff << (8 - bits)) & 0xff;
}

/** Is the address in the network? Families never mix. */
export function isInNetwork(address: Address, network: Network): boolean {
  if (address.family !== network.address.family) return false;
  for (let i = 0, bits = network.bits; bits > 0; i++, bits -= 8) {
    const differing = address.bytes[i]! ^ network.address.bytes[i]!;
    if (bits >= 8 ? differing !== 0 : differing >> (8 - bits) !== 0) return false;
  }
  return true;
}

/**
 * Matches an address against a comma-separated list of networks and wildcards, `!` negates.
 *
 * @see OpenSSH addrmatch.c:addr_match_list
 */
export function matchAddressList(address: string, list: string, release: Release): ListMatch | "invalid" {
  return matchReadList(address, parseAddress(address), readAddressList(list, release));
}

/** Would sshd take the list for one of addresses, whatever it is compared with? */
export function isSoundAddressList(list: string, release: Release): boolean {
  for (let from = 0; ; ) {
    const comma = list.indexOf(",", from);
    const to = comma < 0 ? list.length : comma;
    const begin = list.charCodeAt(from) === exclamationMark ? from + 1 : from;
    // Nearly all items are of the plain form, and a file may have thousands.
    if (!isPlainNetwork(list, begin, to)) {
      const pattern = list.slice(begin, to);
      if (pattern === "" || parseNetwork(pattern, release) === "inconsistent") return false;
    }
    if (comma < 0) return true;
    from = comma + 1;
  }
}

const exclamationMark = 33;

/** Is it `10.1.2.0` or `10.1.2.0/24`, without leading zeros and with no bit set behind the mask? */
function isPlainNetwork(list: string, from: number, to: number): boolean {
  let address = 0;
  let number = -1;
  let count = 0;
  let at = from;
  for (; at <= to; at++) {
    const digit = at < to ? list.charCodeAt(at) - 48 : -1;
    if (digit >= 0 && digit <= 9) {
      if (number === 0) return false;
      number = number < 0 ? digit : number * 10 + digit;
      if (number > 255) return false;
      continue;
    }
    if (number < 0) return false;
    address = address * 256 + number;
    count++;
    number = -1;
    if (digit !== -2) break;
  }
  if (count !== 4) return false;
  if (at === to) return true;
  if (list[at] !== "/" || to - at > 3) return false;
  const first = list.charCodeAt(at + 1) - 48;
  const second = to - at === 3 ? list.charCodeAt(at + 2) - 48 : -1;
  if (!(first >= 1 && first <= 9) || !(second >= -1 && second <= 9)) return false;
  const bits = second < 0 ? first : first * 10 + second;
  return bits <= 32 && address % 2 ** (32 - bits) === 0;
}

/** An item of a list, read: "none" is compared as a wildcard, "inconsistent" is refused. */
export interface AddressItem {
  negated: boolean;
  pattern: string;
  network: NetworkText;
}

/** The items of a list of networks and wildcards; an empty one is inconsistent. */
export function readAddressList(list: string, release: Release): AddressItem[] {
  return list.split(",").map((item) => {
    const negated = item.startsWith("!");
    const pattern = negated ? item.slice(1) : item;
    return { negated, pattern, network: pattern === "" ? "inconsistent" : parseNetwork(pattern, release) };
  });
}

/**
 * As `matchAddressList`, of an address and a list that were read before.
 *
 * @param parsed undefined where the text is no address: nothing matches it then
 */
export function matchReadList(
  address: string,
  parsed: Address | undefined,
  items: readonly AddressItem[],
): ListMatch | "invalid" {
  if (!parsed) return 0;
  let found: ListMatch = 0;
  for (const { negated, pattern, network } of items) {
    if (network === "inconsistent") return "invalid";
    const hit = network === "none" ? matchesPattern(address, pattern) : isInNetwork(parsed, network);
    if (hit && negated) return -1;
    if (hit) found = 1;
  }
  return found;
}
