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

/** What was found out about a text before, by family, build and text. */
class Memory<T> {
  private readonly before = new Map<AlgorithmFamily, WeakMap<Build, Map<string, T>>>();

  recall(family: AlgorithmFamily, build: Build, text: string, find: () => T): T {
    const ofFamily = this.before.get(family) ?? new WeakMap<Build, Map<string, T>>();
    this.before.set(family, ofFamily);
    const known = ofFamily.get(build) ?? new Map<string, T>();
    ofFamily.set(build, known);
    const held = known.get(text);
    if (held !== undefined || known.has(text)) return held as T;
    const found = find();
    if (known.size < maxRemembered && text.length <= maxLength) known.set(text, found);
    return found;
  }
}

/** So much is remembered: thousands of blocks repeat a few lists, and a file may have thousands of its own. */
const maxRemembered = 100;
const maxLength = 2000;

const knownLists = new Memory<readonly string[]>();
const knownSets = new Memory<ReadonlySet<string>>();
const defaults = new Memory<string>();
const unknownNames = new Memory<string | undefined>();
const assembledLists = new Memory<string | undefined>();

/** Every name of the family that this build has compiled in, in the order in which a wildcard names them. */
export function knownAlgorithms(family: AlgorithmFamily, build: Build): readonly string[] {
  return knownLists.recall(family, build, "", () => findKnownAlgorithms(family, build));
}

/** Is it one of `knownAlgorithms`? */
function hasName(name: string, family: AlgorithmFamily, build: Build): boolean {
  return knownSets.recall(family, build, "", () => new Set(knownAlgorithms(family, build))).has(name);
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
  return defaults.recall(family, build, "", () => {
    const table = defaultLists[family];
    const index = builds.findIndex((b) => b.id === build.id);
    const from = builds.slice(0, index + 1).findLast((b) => table[b.id] !== undefined);
    return (from && table[from.id]) ?? "";
  });
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
  return unknownNames.recall(family, build, names, () =>
    namesOf(names).find((name) => !isKnown(name, family, build)),
  );
}

function isKnown(name: string, family: AlgorithmFamily, build: Build): boolean {
  if (family === "cipher" || family === "mac") return hasName(name, family, build);
  if (family === "kex" || family === "gss") {
    if (family === "kex" && hasName(name, "kex", build)) return true;
    return knownAlgorithms("gss", build).some((prefix) => name.startsWith(prefix));
  }
  const known = knownAlgorithms("key", build);
  if (hasName(name, "key", build) || (name === gssNullKey.name && hasAlgorithm(gssNullKey, build)))
    return !(family === "signature" && build.release >= 904 && isCertificate(name));
  if (build.release < 908 && keyShortNames.some((short) => short === lowerAscii(name))) return true;
  const all = hasAlgorithm(gssNullKey, build) ? [...known, gssNullKey.name] : known;
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
  if (!list) return defaultAlgorithms(family, build);
  return assembledLists.recall(family, build, list, () => assemble(list, family, build));
}

function assemble(list: string, family: Exclude<AlgorithmFamily, "gss">, build: Build): string | undefined {
  const standard = defaultAlgorithms(family, build);
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
