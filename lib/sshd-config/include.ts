import type { Release } from "@/lib/sshd-config/build";
import { toByteString } from "@/lib/sshd-config/bytes";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { matchesPattern } from "@/lib/sshd-config/pattern";

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

const isMagic = (part: string) => /[*?[]/.test(part);

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
      if (!isMagic(part)) return [`${prefix}${separator}${unescapeBackslashes(part)}`];
      const names = source.list(prefix === "" ? "/" : prefix) ?? [];
      return names.filter((n) => matchesName(n, part)).map((n) => `${prefix}${separator}${n}`);
    });
  }
  return found.filter((path) => source.exists(path)).sort(compareBytes);
}

function compareBytes(a: string, b: string): number {
  const x = toByteString(a);
  const y = toByteString(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function unescapeBackslashes(part: string): string {
  return part.replace(/\\(.)/gs, "$1");
}

/** One part of a path against one part of a pattern; a leading dot must be written. */
function matchesName(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  if (!/[[\\]/.test(pattern)) return matchesPattern(name, pattern);
  return new RegExp(`^${toRegExp(pattern)}$`, "s").test(name);
}

function toRegExp(pattern: string): string {
  let text = "";
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    const set = c === "[" ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(i)) : null;
    if (c === "*") text += ".*";
    else if (c === "?") text += ".";
    else if (set) {
      text += `[${set[1] ? "^" : ""}${set[2]!.replace(/[\\\]^]/g, "\\$&")}]`;
      i += set[0].length - 1;
    } else {
      const literal = c === "\\" && i + 1 < pattern.length ? pattern[++i]! : c;
      text += literal.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
    }
  }
  return text;
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
