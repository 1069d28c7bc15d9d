import {
  type Algorithm,
  type AlgorithmFamily,
  ciphers,
  defaultLists,
  gssKexAlgorithms,
  gssNullKey,
  kexAlgorithms,
  keyShortNames,
  keys,
  keysUntil90,
  macs,
} from "@/lib/sshd-config/algorithm-tables";
import { type Build, builds } from "@/lib/sshd-config/build";
import { releaseNumber } from "@/lib/sshd-config/keyword";
import { lowerAscii, matchPatternList } from "@/lib/sshd-config/pattern";

const families: { readonly [keyword: string]: AlgorithmFamily } = {
  ciphers: "cipher",
  macs: "mac",
  kexalgorithms: "kex",
  hostkeyalgorithms: "key",
  pubkeyacceptedalgorithms: "key",
  pubkeyacceptedkeytypes: "key",
  hostbasedacceptedalgorithms: "key",
  hostbasedacceptedkeytypes: "key",
  casignaturealgorithms: "signature",
  gssapikexalgorithms: "gss",
};

/** What a keyword's list is about; undefined for keywords that take no list of algorithms. */
export function algorithmFamily(keyword: string): AlgorithmFamily | undefined {
  return families[keyword.toLowerCase()];
}

const isCertificate = (name: string) => /-cert(-v01@openssh\.com)?$/.test(name);

function hasAlgorithm(a: Algorithm, build: Build): boolean {
  return (
    (!a.since || build.release >= releaseNumber(a.since)) &&
    (!a.until || build.release < releaseNumber(a.until))
  );
}

/** By build, what `knownAlgorithms` has found: it is asked for with every name of a list. */
const known = new WeakMap<Build, Map<AlgorithmFamily, readonly string[]>>();

/** Every name of the family that this build has compiled in, in the order in which a wildcard names them. */
export function knownAlgorithms(family: AlgorithmFamily, build: Build): readonly string[] {
  const ofBuild = known.get(build) ?? new Map<AlgorithmFamily, readonly string[]>();
  known.set(build, ofBuild);
  const names = ofBuild.get(family) ?? findKnownAlgorithms(family, build);
  ofBuild.set(family, names);
  return names;
}

function findKnownAlgorithms(family: AlgorithmFamily, build: Build): readonly string[] {
  const has = (a: Algorithm) =>
    (!a.since || build.release >= releaseNumber(a.since)) &&
    (!a.until || build.release < releaseNumber(a.until));
  const keyTable = build.release < 901 ? keysUntil90 : keys;
  switch (family) {
    case "cipher":
      return ciphers.filter(has).map((a) => a.name);
    case "mac":
      return macs.map((a) => a.name);
    case "kex": {
      const has761 = (a: Algorithm) => a.name === "sntrup761x25519-sha512" && build.id === "deb12-9.2p1";
      return kexAlgorithms.filter((a) => has(a) || has761(a)).map((a) => a.name);
    }
    case "key":
      return keyTable.filter(has).map((a) => a.name);
    case "signature":
      return keyTable.filter((a) => has(a) && !isCertificate(a.name)).map((a) => a.name);
    case "gss":
      return gssKexAlgorithms.filter(has).map((a) => a.name);
  }
}

/** The list that holds when no line sets it. */
export function defaultAlgorithms(family: Exclude<AlgorithmFamily, "gss">, build: Build): string {
  const table = defaultLists[family];
  const index = builds.findIndex((b) => b.id === build.id);
  const from = builds.slice(0, index + 1).findLast((b) => table[b.id] !== undefined);
  return (from && table[from.id]) ?? "";
}

/** The names of a comma list up to the first empty one, which is where sshd stops reading. */
function namesOf(list: string): string[] {
  const names = list.split(",");
  const empty = names.indexOf("");
  return empty < 0 ? names : names.slice(0, empty);
}

/**
 * The first name that sshd refuses when it reads the list; undefined when it takes all of them.
 *
 * Names to remove (`-…`) are patterns and never checked; neither are names behind an empty one (`a,,b`).
 *
 * @param family of the keyword; "signature" refuses certificate types from OpenSSH 9.4 on
 */
export function findUnknownAlgorithm(
  list: string,
  family: AlgorithmFamily,
  build: Build,
): string | undefined {
  if (list.startsWith("-") && family !== "gss") return undefined;
  const names = /^[+^]/.test(list) && family !== "gss" ? list.slice(1) : list;
  if (names === "") return "";
  return namesOf(names).find((name) => !isKnown(name, family, build));
}

function isKnown(name: string, family: AlgorithmFamily, build: Build): boolean {
  const isGss = knownAlgorithms("gss", build).some((prefix) => name.startsWith(prefix));
  if (family === "gss") return isGss;
  if (family === "kex") return isGss || knownAlgorithms("kex", build).includes(name);
  if (family === "cipher" || family === "mac") return knownAlgorithms(family, build).includes(name);
  const all = [
    ...knownAlgorithms("key", build),
    ...[gssNullKey].filter((a) => hasAlgorithm(a, build)).map((a) => a.name),
  ];
  if (all.includes(name)) return !(family === "signature" && build.release >= 904 && isCertificate(name));
  if (build.release < 908 && keyShortNames.some((short) => short === lowerAscii(name))) return true;
  return all.some((other) => matchPatternList(other, name) !== 0);
}

/** Appends names that are not there yet, up to the first empty one. */
function append(list: string, more: string): string {
  if (list === "") return more;
  if (more === "") return list;
  const names = list.split(",");
  for (const name of namesOf(more)) if (!names.includes(name)) names.push(name);
  return names.join(",");
}

/**
 * The list that sshd works with: `+` and `^` joined with the default, `-` taken from it, patterns expanded.
 *
 * @param list as it stands in the file; undefined or "" stands for the default
 * @returns undefined when sshd refuses to start (`!` in a list that is not `-`, or nothing left)
 * @see OpenSSH kex.c:kex_assemble_names
 */
export function assembleAlgorithms(
  list: string | undefined,
  family: Exclude<AlgorithmFamily, "gss">,
  build: Build,
): string | undefined {
  const standard = defaultAlgorithms(family, build);
  if (!list) return standard;
  if (list.startsWith("-")) {
    return standard
      .split(",")
      .filter((name) => matchPatternList(name, list.slice(1)) !== 1)
      .join(",");
  }
  const wanted = list.startsWith("+")
    ? append(standard, list.slice(1))
    : list.startsWith("^")
      ? append(list.slice(1), standard)
      : list;
  const all = knownAlgorithms(family, build);
  let result = "";
  for (const pattern of wanted.split(",")) {
    if (pattern.startsWith("!")) return undefined;
    result = append(result, all.filter((name) => matchPatternList(name, pattern) === 1).join(","));
  }
  return result === "" ? undefined : result;
}
