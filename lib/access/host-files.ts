import type { AccountFacts, FileFacts, HostFacts } from "@/lib/access/facts";
import { toByteString } from "@/lib/sshd-config/bytes";
import { decodeText } from "@/lib/text";

/** Whom the host asks when it opens a file: a uid with its groups, as the kernel sees them. */
export interface Identity {
  readonly uid: number;
  readonly gids: ReadonlySet<number>;
}

/** The host's files as sshd finds them. */
export interface HostFiles {
  /** What stands at the path, symlinks followed; undefined when nothing is known to stand there. */
  stat(path: string): FileFacts | undefined;
  /** What realpath(3) comes to; undefined when it fails. */
  realPath(path: string): string | undefined;
  /** Where a file of this path is, or would be made: links followed; undefined when one of them leads nowhere. */
  place(path: string): string | undefined;
  /** May this identity read the file: search on every directory above, read on the file? */
  canRead(path: string, identity: Identity): boolean;
  /** May this identity run the file? */
  canRun(path: string, identity: Identity): boolean;
  /** The content as lib/sshd-config/bytes.ts writes it; undefined when it was not read. */
  text(path: string): string | undefined;
  /** The content, byte for byte; undefined when it was not read. */
  bytes(path: string): Uint8Array | undefined;
  /**
   * Is the file, and every directory above it, writable for nobody but root and `uid`? The reason when not.
   *
   * @param home the walk ends there when the file is below it; undefined: it ends at the root
   * @see OpenSSH misc.c:safe_path; Debian's user-group-modes.patch lets the group write when it is the owner's own
   */
  unsafeReason(path: string, uid: number, home: string | undefined): string | undefined;
  /** Paths that exist and match a pattern of glob(3), in byte order; what has no wildcards is itself, there or not. */
  glob(pattern: string): string[];
}

const parentOf = (path: string) => path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";

const isPlain = (path: string) => path.startsWith("/") && !/\/(?:\/|\.|$)/.test(path);

/** An absolute path without empty and `.` parts; `..` stays where a symlink could stand before it. */
function collapse(path: string): string {
  if (isPlain(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** As many links as Linux follows. */
const mostLinks = 40;
/** PATH_MAX of Linux: nothing opens a longer one. */
const longestPath = 4096;

/** Opens the files of a host's facts. */
export function openFiles(facts: HostFacts): HostFiles {
  const at = (path: string): FileFacts | undefined =>
    Object.hasOwn(facts.files, path) ? facts.files[path] : undefined;
  const reals = new Map<string, string | undefined>();
  const directories = new Map<string, string>();
  const stats = new Map<string, FileFacts | undefined>();

  function realPath(path: string): string | undefined {
    const asked = collapse(path);
    if (!reals.has(asked)) reals.set(asked, resolve(asked, 0));
    return reals.get(asked);
  }

  /** Resolves the directory first, so that a link in the middle of the path counts. */
  function resolve(path: string, depth: number): string | undefined {
    if (path === "/") return at("/") && "/";
    if (depth > mostLinks || path.length > longestPath) return undefined;
    const above = directoryOf(path.slice(0, path.lastIndexOf("/")), depth);
    if (above === undefined) return undefined;
    const here = `${above}${path.slice(path.lastIndexOf("/"))}`;
    const found = at(here);
    if (found?.kind === "symlink")
      return found.target === undefined ? undefined : resolve(collapse(found.target), depth + 1);
    return found && found.kind !== "missing" ? here : undefined;
  }

  /** Where a directory really is, without a final slash; one that nobody looked at is where it says. */
  function directoryOf(path: string, depth: number): string | undefined {
    const names: string[] = [];
    let from = path;
    while (from !== "" && !directories.has(from)) {
      const cut = from.lastIndexOf("/");
      names.push(from.slice(cut));
      from = from.slice(0, cut);
    }
    let here = directories.get(from) ?? "";
    for (const name of names.reverse()) {
      from += name;
      here += name;
      const found = at(here);
      if (found?.kind === "symlink") {
        if (found.target === undefined || depth > mostLinks) return undefined;
        const target = resolve(collapse(found.target), depth + 1);
        if (target === undefined) return undefined;
        here = target === "/" ? "" : target;
      }
      directories.set(from, here);
    }
    return here;
  }

  function place(path: string): string | undefined {
    const asked = collapse(path);
    const above = directoryOf(asked.slice(0, asked.lastIndexOf("/")), 0);
    if (above === undefined) return undefined;
    const here = `${above}${asked.slice(asked.lastIndexOf("/"))}`;
    return at(here)?.kind === "symlink" ? realPath(here) : here;
  }

  function stat(path: string): FileFacts | undefined {
    const known = stats.get(path);
    if (known !== undefined || stats.has(path)) return known;
    const real = realPath(path);
    const found = real === undefined ? undefined : at(real);
    stats.set(path, found);
    return found;
  }

  function permits(file: FileFacts, identity: Identity, bit: 1 | 4): boolean {
    const { uid, gid, mode = 0 } = file;
    if (identity.uid === 0) return bit === 4 || file.kind === "directory" || (mode & 0o111) !== 0;
    if (uid === identity.uid) return (mode & (bit << 6)) !== 0;
    if (gid !== undefined && identity.gids.has(gid)) return (mode & (bit << 3)) !== 0;
    return (mode & bit) !== 0;
  }

  function canReach(real: string, identity: Identity): boolean {
    for (let directory = parentOf(real); ; directory = parentOf(directory)) {
      const found = at(directory);
      if (found && !permits(found, identity, 1)) return false;
      if (directory === "/") return true;
    }
  }

  function canDo(path: string, identity: Identity, bit: 1 | 4): boolean {
    const real = realPath(path);
    const found = real === undefined ? undefined : at(real);
    return (
      real !== undefined && found !== undefined && permits(found, identity, bit) && canReach(real, identity)
    );
  }

  function unsafeReason(path: string, uid: number, home: string | undefined): string | undefined {
    const real = realPath(path);
    if (real === undefined) return `${path} does not exist`;
    const file = at(real);
    if (file?.kind !== "file") return `${real} is not a regular file`;
    if (!isSecure(facts, file, uid)) return `bad ownership or modes for file ${real}`;
    const stop = home === undefined ? undefined : realPath(home);
    for (let directory = parentOf(real); ; directory = parentOf(directory)) {
      const found = at(directory);
      if (!found || found.kind === "missing" || !isSecure(facts, found, uid))
        return `bad ownership or modes for directory ${directory}`;
      if (directory === stop || directory === "/") return undefined;
    }
  }

  return {
    stat,
    realPath,
    place,
    canRead: (path, identity) => canDo(path, identity, 4),
    canRun: (path, identity) => canDo(path, identity, 1),
    text: (path) => textOf(stat(path)),
    bytes: (path) => bytesOf(stat(path)),
    unsafeReason,
    glob: (pattern) => globPaths(facts, pattern, stat),
  };
}

/** The content of a file as text; undefined when it was not read. */
export function textOf(file: FileFacts | undefined): string | undefined {
  if (file?.text !== undefined) return file.text;
  const bytes = bytesOf(file);
  return bytes && decodeText(bytes);
}

function bytesOf(file: FileFacts | undefined): Uint8Array | undefined {
  const binary = file?.text !== undefined ? toByteString(file.text) : file?.base64 && atob(file.base64);
  return binary === undefined ? undefined : Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/**
 * Can nobody but root and `uid` write it? A group may when the owner is its only member.
 *
 * @see Debian's user-group-modes.patch: misc.c:secure_permissions
 */
export function isSecure(facts: HostFacts, file: FileFacts, uid: number): boolean {
  const { mode = 0o777 } = file;
  if (file.uid !== 0 && file.uid !== uid) return false;
  if ((mode & 0o002) !== 0) return false;
  if ((mode & 0o020) === 0) return true;
  const group = facts.groups.find((g) => g.gid === file.gid);
  if (!group) return false;
  const own = facts.accounts.filter((a) => a.gid === group.gid);
  if (own.some((a) => a.uid !== uid)) return false;
  const owner = facts.accounts.find((a) => a.uid === file.uid);
  const [member, another] = group.members;
  if (!owner || another !== undefined || (member !== undefined && member !== owner.name)) return false;
  return own.length > 0 || member !== undefined;
}

const gidsByName = new WeakMap<HostFacts, ReadonlyMap<string, readonly number[]>>();

function gidsOf(facts: HostFacts): ReadonlyMap<string, readonly number[]> {
  const known = gidsByName.get(facts);
  if (known) return known;
  const gids = new Map<string, number[]>();
  for (const { name, gid } of facts.groups) {
    const there = gids.get(name);
    if (there) there.push(gid);
    else gids.set(name, [gid]);
  }
  gidsByName.set(facts, gids);
  return gids;
}

/** The identity of an account after initgroups(3). */
export function identityOf(facts: HostFacts, account: AccountFacts): Identity {
  const byName = gidsOf(facts);
  const gids = account.groups.flatMap((name) => byName.get(name) ?? []);
  return { uid: account.uid, gids: new Set([account.gid, ...gids]) };
}

const isMagic = (text: string) => /[*?[]/.test(text);

/**
 * As glob(3), but a pattern without wildcards gives itself even where nothing is: that is where a first key would go, and
 * what is missing opens nothing.
 */
function globPaths(facts: HostFacts, pattern: string, stat: HostFiles["stat"]): string[] {
  if (!isMagic(pattern)) return [pattern.replace(/\\(.)/g, "$1")];
  const wanted = pattern.split("/").map(partPattern);
  return Object.keys(facts.files)
    .filter((path) => {
      const parts = path.split("/");
      return parts.length === wanted.length && wanted.every((matches, i) => matches(parts[i]!)) && stat(path);
    })
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** One part of a path pattern: `*`, `?`, `[…]`; a leading dot must be written out. */
function partPattern(part: string): (name: string) => boolean {
  if (!isMagic(part)) return (name) => name === part.replace(/\\(.)/g, "$1");
  let source = "";
  for (let i = 0; i < part.length; i++) {
    const c = part[i]!;
    const end = c === "[" ? part.indexOf("]", i + 2) : -1;
    if (c === "*") source += ".*";
    else if (c === "?") source += ".";
    else if (end > 0) {
      const inside = part.slice(i + 1, end).replace(/[\\\]^]/g, "\\$&");
      source += inside.startsWith("!") ? `[^${inside.slice(1)}]` : `[${inside}]`;
      i = end;
    } else source += c.replace(/[\\^$.|+(){}[\]]/g, "\\$&");
  }
  const expression = new RegExp(`^${source}$`, "s");
  return (name) => (!name.startsWith(".") || part.startsWith(".")) && expression.test(name);
}
