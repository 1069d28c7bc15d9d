import { isNone } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { type HostFiles, identityOf } from "@/lib/access/host-files";
import type { Effective, Server } from "@/lib/access/server";
import { expandTokens } from "@/lib/access/tokens";

/**
 * The files that AuthorizedKeysFile comes to for an account, in order.
 *
 * Undefined stands where sshd dies over a token that it does not know: it gets there only when no file before it
 * lets the key in.
 */
export function keyFilesOf(
  { effective, server }: Situation,
  account: AccountFacts,
): readonly (string | undefined)[] {
  const known = listed.get(effective) ?? new Map<AccountFacts, readonly (string | undefined)[]>();
  listed.set(effective, known);
  const there = known.get(account);
  if (there) return there;
  const paths: (string | undefined)[] = [];
  for (const pattern of effective.values("authorizedkeysfile")) {
    if (isNone(pattern)) continue;
    const path = expandPath(pattern, account);
    // Patterns of glob(3) since 10.0.
    if (path !== undefined && effective.build.release >= 1000) paths.push(...server.files.glob(path));
    else paths.push(path);
  }
  known.set(account, paths);
  return paths;
}

/** Asked for several times for each account, once for each thing that is looked for in them. */
const listed = new WeakMap<Effective, Map<AccountFacts, readonly (string | undefined)[]>>();

/** A file of the account: tokens filled in, relative to its home directory, each slash once as the agent writes it. */
export function expandPath(pattern: string, account: AccountFacts): string | undefined {
  const expanded = expandTokens(pattern, { h: account.home, u: account.name, U: String(account.uid) });
  if (expanded === undefined) return undefined;
  const path = expanded.startsWith("/") ? expanded : `${account.home}/${expanded}`;
  return path.includes("//") ? path.replace(/\/{2,}/g, "/") : path;
}

const judged = new WeakMap<HostFiles, Map<string, string | undefined>>();

/** Why sshd does not open a file of keys; undefined when it does. */
export function refuseKeyFile(
  { effective, server }: Situation,
  account: AccountFacts,
  path: string,
): string | undefined {
  const known = judged.get(server.files) ?? new Map<string, string | undefined>();
  judged.set(server.files, known);
  const isStrict = effective.isYes("strictmodes");
  const id = `${account.name} ${isStrict} ${path}`;
  if (!known.has(id)) known.set(id, judgeFile(server, account, path, isStrict));
  return known.get(id);
}

function judgeFile(
  { files, facts }: Server,
  account: AccountFacts,
  path: string,
  isStrict: boolean,
): string | undefined {
  const file = files.stat(path);
  if (!file || file.kind === "missing") return `${path} does not exist`;
  if (!files.canRead(path, identityOf(facts, account))) return `${account.name} cannot read ${path}`;
  if (file.kind !== "file") return `${path} is not a regular file`;
  return isStrict ? files.unsafeReason(path, account.uid, account.home) : undefined;
}
