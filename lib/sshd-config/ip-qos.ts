import type { Build } from "@/lib/sshd-config/build";
import { parseDecimal } from "@/lib/sshd-config/number";

const classes: readonly (readonly [string, number])[] = [
  ["af11", 0x28],
  ["af12", 0x30],
  ["af13", 0x38],
  ["af21", 0x48],
  ["af22", 0x50],
  ["af23", 0x58],
  ["af31", 0x68],
  ["af32", 0x70],
  ["af33", 0x78],
  ["af41", 0x88],
  ["af42", 0x90],
  ["af43", 0x98],
  ["cs0", 0x00],
  ["cs1", 0x20],
  ["cs2", 0x40],
  ["cs3", 0x60],
  ["cs4", 0x80],
  ["cs5", 0xa0],
  ["cs6", 0xc0],
  ["cs7", 0xe0],
  ["ef", 0xb8],
  ["le", 0x04],
  ["lowdelay", 0x10],
  ["throughput", 0x08],
  ["reliability", 0x04],
];

/** Words of the old type-of-service field; from 10.1 (and in Debian 13's 10.0) they are taken for "none". */
const oldWords = new Set(["lowdelay", "throughput", "reliability"]);

/**
 * A traffic class as `sshd -T` prints it: by name where the number has one; undefined when it is refused.
 *
 * @see OpenSSH misc.c:parse_ipqos, iptos2str
 */
export function parseIpQos(text: string, build: Build): string | undefined {
  const word = text.toLowerCase();
  const named = classesOf(build).find(([name]) => name === word);
  if (word === "none" || (named && build.release >= 1000 && oldWords.has(word))) return "none";
  const value = named ? named[1] : parseNumber(text, build);
  if (value === undefined) return undefined;
  return nameOf(value, build) ?? `0x${value.toString(16).padStart(2, "0")}`;
}

function parseNumber(text: string, build: Build): number | undefined {
  if (build.release >= 908) {
    const value = parseDecimal(text, 0, 255);
    return typeof value === "number" ? value : undefined;
  }
  // Up to 9.7 as strtol(3) with base 0: a sign, octal and hexadecimal digits are allowed.
  const [, sign, digits = ""] = /^[ \t\n\v\f\r]*([+-]?)(0x[0-9a-f]+|\d+)$/i.exec(text) ?? [];
  const octal = /^0\d/.test(digits);
  if (octal && /[89]/.test(digits)) return undefined;
  const value = octal ? Number.parseInt(digits, 8) : Number(digits);
  return digits !== "" && value <= 255 && (sign !== "-" || value === 0) ? value : undefined;
}

function nameOf(value: number, build: Build): string | undefined {
  return classesOf(build).find(
    ([name, v]) => v === value && !(build.release >= 1000 && oldWords.has(name)),
  )?.[0];
}

/** Up to 8.6 lower effort stood under a number that was not its own. */
function classesOf(build: Build): typeof classes {
  if (build.release >= 807) return classes;
  return classes.map(([name, value]) => (name === "le" ? [name, 0x01] : [name, value]));
}
