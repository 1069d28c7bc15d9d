import type { AccountFacts, FileFacts, HostFacts } from "@/lib/access/facts";

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
 * A file or its directory that is not there yet gets the owner and mode that the agent gives them (agent/README.md).
 */
export function factsWithKeyFile(facts: HostFacts, { account, path, text }: KeyFileDraft): HostFacts {
  const owner = facts.accounts.find(({ name }) => name === account);
  const known = facts.files[path];
  if (text === undefined) return { ...facts, files: { ...facts.files, [path]: { kind: "missing" } } };
  const { base64: _bytes, isCut: _cut, ...rest } = known ?? { kind: "missing" as const };
  const file: FileFacts =
    known?.kind === "file" || known?.kind === "symlink"
      ? { ...rest, text }
      : { kind: "file", ...made(owner, path, 0o600, 0o644), text };
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  const isNew = !facts.files[directory] || facts.files[directory].kind === "missing";
  return {
    ...facts,
    files: {
      ...facts.files,
      [path]: file,
      ...(isNew && { [directory]: { kind: "directory", ...made(owner, path, 0o700, 0o755) } as const }),
    },
  };
}

/** In a home directory it is its owner's alone, elsewhere root's, and all may read it. */
function made(owner: AccountFacts | undefined, path: string, own: number, roots: number) {
  const isHome = owner !== undefined && path.startsWith(`${owner.home.replace(/\/+$/, "")}/`);
  return isHome ? { uid: owner.uid, gid: owner.gid, mode: own } : { uid: 0, gid: 0, mode: roots };
}
