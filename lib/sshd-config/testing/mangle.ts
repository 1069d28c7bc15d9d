import { ciphers, gssKexAlgorithms, kexAlgorithms, keys, macs } from "@/lib/sshd-config/algorithm-tables";
import type { Random } from "@/lib/sshd-config/testing/random";

/** What has a meaning somewhere, or looks as if it had one. */
const oddPieces = [
  ..." \t\r\f\v\"'\\#=,:;!*?[]{}()/%@~+-^$&|<>._`0123456789aAzZ",
  "\\ ",
  '\\"',
  "\\'",
  "\\\\",
  "''",
  '""',
  " #",
  "\u00a0",
  "ö",
  "€",
  "\u{1f600}",
  "\u0001",
  "\udc80",
  "\udcff",
  "\u007f",
  "\u001b",
  "%h",
  "%%",
  "none",
  "::",
  "/24",
  "0x",
];

/** A text with a few bytes more, fewer or others. */
export function mangle(text: string, r: Random): string {
  let result = text;
  for (let times = r.between(1, 2); times > 0; times--) {
    const at = r.between(0, result.length);
    const end = Math.min(result.length, at + r.between(0, 3));
    switch (r.between(0, 7)) {
      case 0:
      case 1:
      case 2:
        result = result.slice(0, at) + r.pick(oddPieces) + result.slice(at);
        break;
      case 3:
        result = result.slice(0, at) + result.slice(end);
        break;
      case 4:
        result = result.slice(0, at) + result.slice(at, end).repeat(2) + result.slice(end);
        break;
      case 5:
        result = result.slice(0, at) + r.pick(oddPieces) + result.slice(end);
        break;
      case 6:
        result = r.chance(0.5) ? result.toUpperCase() : result.toLowerCase();
        break;
      default:
        result = r.chance(0.1) ? result + "x".repeat(r.between(90, 2100)) : result + r.pick(oddPieces);
    }
  }
  // Half a character is no text; what stands for a single byte (U+DC80 to U+DCFF) stays.
  return result.replace(/[\ud800-\udc7f\udd00-\udfff]/gu, "");
}

/** A run of pieces that mean something to a lexer. */
export function soup(r: Random, pieces: number): string {
  return Array.from({ length: r.between(1, pieces) }, () => r.pick(oddPieces)).join("");
}

const numbers = "0 1 2 7 8 9 10 15 16 22 59 60 99 100 127 128 255 256 511 512 1023 65535 65536 86400".split(
  " ",
);
const bounds =
  "2147483646 2147483647 2147483648 4294967295 4294967296 4294967297 9223372036854775807 9223372036854775808 18446744073709551616 100000000000000000000000".split(
    " ",
  );

/** Digits in any of the forms in which people and programs write a number. */
export function oddNumber(r: Random): string {
  const digits = r.chance(0.8) ? r.pick(numbers) : r.pick(bounds);
  const sign = r.chance(0.85) ? "" : r.pick(["+", "-", "--", "+-"]);
  const form = r.between(0, 19);
  if (form === 0) return `${sign}0${digits}`;
  if (form === 1) return `${sign}0x${digits}`;
  if (form === 2) return `${sign}${digits}.${r.pick(numbers)}`;
  if (form === 3) return `${sign}${digits}e${r.between(0, 3)}`;
  if (form === 4) return `${sign}.${digits}`;
  return sign + digits;
}

/** A time interval, or nearly one. */
export function oddTime(r: Random): string {
  const item = () => oddNumber(r) + r.pick(["", "s", "m", "h", "d", "w", "S", "M", "H", "D", "W", "ms", "y"]);
  return Array.from({ length: r.between(1, 3) }, item).join(r.chance(0.95) ? "" : " ");
}

/** A size with a scale letter, or nearly one. */
export function oddSize(r: Random): string {
  return oddNumber(r) + r.pick(["", "K", "M", "G", "T", "P", "E", "B", "k", "m", "g", "Z", "KB", " K"]);
}

/** An IP address or network, or nearly one. */
export function oddAddress(r: Random): string {
  const octet = () => String(r.pick([0, 1, 10, 127, 168, 192, 255, 256]));
  const group = () => r.pick(["", "0", "1", "db8", "2001", "fe80", "ffff", "0001", "12345", "g"]);
  const address = r.chance(0.5)
    ? Array.from({ length: r.pick([4, 4, 4, 4, 3, 2, 1, 5]) }, octet).join(".")
    : Array.from({ length: r.pick([8, 3, 4, 2, 9]) }, group).join(":");
  const mask = r.chance(0.5)
    ? ""
    : `/${r.pick(["0", "8", "16", "24", "32", "33", "64", "128", "129", "x", "", "+8", "08"])}`;
  return `${r.chance(0.1) ? "!" : ""}${address}${mask}`;
}

const names = {
  ciphers: ciphers.map((a) => a.name),
  macs: macs.map((a) => a.name),
  kexalgorithms: [...kexAlgorithms, ...gssKexAlgorithms].map((a) => a.name),
  gssapikexalgorithms: gssKexAlgorithms.map((a) => a.name),
  keys: keys.map((a) => a.name),
};

/** A list of algorithms with prefix, wildcards, repetitions and names that nobody knows. */
export function oddAlgorithms(family: string, r: Random): string {
  const known = names[family as keyof typeof names] ?? names.keys;
  const name = () => {
    const one = r.chance(0.97) ? r.pick(known) : r.pick(["foo", "", "!", "*", "none", r.pick(names.keys)]);
    if (r.chance(0.75)) return one;
    const at = r.between(0, one.length);
    return r.pick([
      `${one.slice(0, at)}*`,
      `*${one.slice(at)}`,
      `!${one}`,
      `${one.slice(0, at)}?${one.slice(at + 1)}`,
    ]);
  };
  const prefix = r.chance(0.4) ? "" : r.pick(["+", "-", "^"]);
  const list = Array.from({ length: r.between(1, 5) }, name).join(",");
  return prefix + (r.chance(0.95) ? list : mangle(list, r));
}
