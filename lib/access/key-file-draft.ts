import type { FileFacts, HostFacts } from "@/lib/access/facts";
import { type HostFiles, openFiles } from "@/lib/access/host-files";

/** A key file as it is taken to be. */
export interface KeyFileDraft {
  readonly account: string;
  /** Absolute, as AuthorizedKeysFile comes to it. */
  readonly path: string;
  /** Its text, bytes as lib/text.ts:decodeText gives them; undefined: there is no such file. */
  readonly text: string | undefined;
}

/**
 * The facts of a host with another text in one key file; everything else is as it was read.
 *
 * A file or its directory that is not there yet gets the owner and mode that the agent gives them (agent/README.md). It stands where sshd opens it: links on the way are followed.
 *
 * @throws RangeError where a text at this path could not show in the answer: a link on the way leads nowhere, or the account
 * was not read. Nothing can be said then; not that nothing changes.
 */
export function factsWithKeyFile(facts: HostFacts, { account, path, text }: KeyFileDraft): HostFacts {
  const owner = facts.accounts.find(({ name }) => name === account);
  if (!owner) throw new RangeError(`${account} was not there when the host was read.`);
  const files = openFiles(facts);
  const real = placeOf(files, path);
  const known = facts.files[real];
  if (text === undefined) return { ...facts, files: { ...facts.files, [real]: { kind: "missing" } } };
  // In a home directory it is its owner's alone; elsewhere, and in a home of root's, root's, and all may read it.
  const isHome = real.startsWith(`${files.place(owner.home) ?? owner.home}/`);
  const isOwners = isHome && (owner.uid === 0 || !isRootsPlace(facts, real.slice(0, real.lastIndexOf("/"))));
  const made = (own: number, roots: number) =>
    isOwners ? { uid: owner.uid, gid: owner.gid, mode: own } : { uid: 0, gid: 0, mode: roots };
  const { base64: _bytes, isCut: _cut, ...rest } = known ?? { kind: "missing" as const };
  const file: FileFacts =
    known?.kind === "file" ? { ...rest, text } : { kind: "file", ...made(0o600, 0o644), text };
  const directory = real.slice(0, real.lastIndexOf("/")) || "/";
  const isNew = !facts.files[directory] || facts.files[directory].kind === "missing";
  return {
    ...facts,
    files: {
      ...facts.files,
      [real]: file,
      ...(isNew && { [directory]: { kind: "directory", ...made(0o700, 0o755) } as const }),
    },
  };
}

/**
 * The facts of a host with other modes on the way to a key file.
 *
 * @param text as `modesText` writes it
 * @throws RangeError where a line is about what was not seen when the host was read
 */
export function factsWithModes(facts: HostFacts, text: string): HostFacts {
  const files = { ...facts.files };
  const opened = openFiles(facts);
  for (const line of text.split("\n")) {
    const [, mode, path] = /^([0-7]{1,5}) (\/.*)$/.exec(line) ?? [];
    if (path === undefined || mode === undefined) continue;
    const real = placeOf(opened, path);
    const known = files[real];
    if (known?.mode === undefined) throw new RangeError(`${path} was not seen when the host was read.`);
    files[real] = { ...known, mode: Number.parseInt(mode, 8) };
  }
  return { ...facts, files };
}

/**
 * The modes on the way to a key file, a line each: "0755 /home/alice".
 *
 * @param modes octal, with commas between: the file's is the last, its directory's stands before it, and so on upward
 */
export function modesText(path: string, modes: string): string {
  const parts = path.split("/");
  const list = modes.split(",");
  return list
    .map((mode, index) => {
      const up = list.length - 1 - index;
      return `${mode.padStart(4, "0")} ${parts.slice(0, parts.length - up).join("/") || "/"}\n`;
    })
    .join("");
}

/** Nobody but root can change what stands in this directory, or would once it is made: as the agent sees it. */
function isRootsPlace({ files }: HostFacts, directory: string): boolean {
  const isMissing = (files[directory]?.kind ?? "missing") === "missing";
  for (let at = isMissing ? above(directory) : directory; ; at = above(at)) {
    const { kind, uid, mode = 0o777 } = files[at] ?? {};
    if (kind !== "directory" || uid !== 0 || (mode & 0o022) !== 0) return false;
    if (at === "/") return true;
  }
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function placeOf(files: HostFiles, path: string): string {
  const real = files.place(path);
  if (real === undefined)
    throw new RangeError(`By what was read, a link on the way to ${path} leads nowhere.`);
  return real;
}
