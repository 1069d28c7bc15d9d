import type { Release } from "@/lib/sshd-config/build";
import { toByteString } from "@/lib/sshd-config/bytes";
import { isMagic, literalName, matchesName } from "@/lib/sshd-config/glob";
import type { ConfigFile } from "@/lib/sshd-config/model";

/** The files that sshd can open. */
export interface Source {
  /** The names in a directory; undefined when there is no such directory. */
  list(directory: string): readonly string[] | undefined;
  /** A file's text, "" for a directory; undefined when there is nothing to open (missing, or a link to nothing). */
  read(path: string): string | undefined;
  /** Is there a name at all, be it a link to nothing? */
  exists(path: string): boolean;
}

/** The tree of an editor as files that sshd can open. */
export function sourceOf(files: readonly ConfigFile[]): Source {
  const texts = new Map(files.map((f) => [normalize(f.path), f.text]));
  const directories = new Map<string, Set<string>>();
  for (const path of texts.keys()) {
    for (let at = path.lastIndexOf("/"), child = path; at >= 0; at = child.lastIndexOf("/")) {
      const directory = child.slice(0, at) || "/";
      const names = directories.get(directory) ?? new Set();
      directories.set(directory, names.add(child.slice(at + 1)));
      if (directory === "/") break;
      child = directory;
    }
  }
  return {
    list: (directory) => {
      const names = directories.get(normalize(directory));
      return names && [...names];
    },
    read: (path) => texts.get(normalize(path)) ?? (directories.has(normalize(path)) ? "" : undefined),
    exists: (path) => texts.has(normalize(path)) || directories.has(normalize(path)),
  };
}

/** An absolute path without empty, `.` and `..` parts. */
export function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * The files that one word of an Include line names, in the order in which sshd reads them: sorted by bytes.
 * A word without wildcards names itself where the file exists.
 *
 * @param pattern absolute; see `includePattern`
 * @see glob(3) without flags
 */
export function expandInclude(pattern: string, source: Source): string[] {
  let found = [""];
  const parts = pattern.split("/");
  for (const [i, part] of parts.entries()) {
    const separator = i === 0 ? "" : "/";
    found = found.flatMap((prefix) => {
      if (!isMagic(part)) return [`${prefix}${separator}${literalName(part)}`];
      const names = source.list(prefix === "" ? "/" : prefix);
      if (!names) return [];
      // A directory lists itself and the one above it, too.
      const all = [".", "..", ...names];
      return all.filter((name) => matchesName(name, part)).map((name) => `${prefix}${separator}${name}`);
    });
  }
  return found.filter((path) => source.exists(path) && leadsThrough(path, source)).sort(compareBytes);
}

/** Are the parts of a path that something follows (`..`, or a slash at the end) directories? */
function leadsThrough(path: string, source: Source): boolean {
  const isCheckedBy = /\/(?:\.{0,2})(?=\/|$)/g;
  return [...path.matchAll(isCheckedBy)].every(
    ({ index }) => index === 0 || source.list(path.slice(0, index)),
  );
}

function compareBytes(a: string, b: string): number {
  const x = toByteString(a);
  const y = toByteString(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/**
 * The pattern that a word of an Include line stands for: relative ones begin at /etc/ssh, never at the file.
 *
 * @param spelled the keyword as the file spells it: OpenSSH 8.2 takes it in place of a relative word
 */
export function includePattern(word: string, spelled: string, release: Release): string {
  if (word.startsWith("/") || word.startsWith("~")) return word;
  return `/etc/ssh/${release < 803 ? spelled : word}`;
}
