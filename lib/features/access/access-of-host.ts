import type { AccountFacts, HostFacts, LoginFacts } from "@/lib/access/facts";
import { startServer } from "@/lib/access/server";
import { type KeyOwner, type LoginPath, type PathLimits, whoCanLogIn } from "@/lib/access/who-can-log-in";
import type { AccessAccountView, AccessPathView } from "@/lib/features/access/views";

export interface AccessOfHost {
  /** Why sshd refuses its own configuration; null when it does not. */
  readonly refused: string | null;
  /** Every account with at least one way in, in the host's order. */
  readonly accounts: AccessAccountView[];
  /** Names of the others. */
  readonly withoutWay: string[];
}

/**
 * Who can log in on a host, as pages and files show it.
 *
 * @param now decides about what expires
 */
export function accessOfHost(
  facts: HostFacts,
  logins: readonly LoginFacts[],
  people: readonly KeyOwner[],
  now: Date,
): AccessOfHost {
  const server = startServer(facts);
  const paths = whoCanLogIn(facts, { now: Math.floor(now.getTime() / 1000), people, server });
  const pathsOf = byAccount(paths);
  const loginsOf = byAccount(logins);
  const accounts: AccessAccountView[] = [];
  const withoutWay: string[] = [];
  for (const account of facts.accounts) {
    const own = pathsOf.get(account.name);
    if (own) accounts.push(accountView(account, own, facts, loginsOf.get(account.name) ?? []));
    else withoutWay.push(account.name);
  }
  return { refused: server.refused ?? null, accounts, withoutWay };
}

function byAccount<Item extends { readonly account: string }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.account);
    if (group) group.push(item);
    else groups.set(item.account, [item]);
  }
  return groups;
}

function accountView(
  { name, uid, groups, shell, password }: AccountFacts,
  paths: readonly LoginPath[],
  facts: HostFacts,
  logins: readonly LoginFacts[],
): AccessAccountView {
  const sudo = facts.sudo.find((rights) => rights.account === name);
  const codes = facts.otp.filter((state) => state.account === name && state.isPresent);
  return {
    name,
    uid,
    groups: [...groups],
    shell,
    password,
    sudo: sudo ? { isAll: sudo.isAll, isWithoutPassword: sudo.isWithoutPassword } : null,
    otp: codes.length === 0 ? null : codes.some((state) => state.isValid) ? "valid" : "unusable",
    lastLoginAt: logins[0]?.at ?? null,
    paths: paths.map((path) => pathView(path, logins)),
  };
}

function pathView(path: LoginPath, logins: readonly LoginFacts[]): AccessPathView {
  const prints = path.steps.flatMap(({ key }) => key?.fingerprint ?? []);
  const last = path.steps.at(-1)?.method;
  // sshd logs the key where there is one, and else only the method that came last.
  const used = logins.find((login) =>
    prints.length > 0
      ? login.fingerprint !== undefined && prints.includes(login.fingerprint)
      : last !== undefined && login.method?.split("/")[0] === last,
  );
  return {
    account: path.account,
    from: [...path.from],
    to: path.to ?? null,
    steps: path.steps.map(({ method, factors, key }) => ({
      method,
      factors: [...factors],
      key: key
        ? {
            kind: key.kind,
            fingerprint: key.fingerprint ?? null,
            type: key.type ?? null,
            bits: key.bits ?? null,
            comment: key.comment ?? null,
            principals: [...(key.principals ?? [])],
          }
        : null,
    })),
    factors: path.factors,
    personName: path.person?.name ?? null,
    forcedCommand: path.limits.forcedCommand ?? null,
    limits: limitWords(path.limits),
    why: path.why.map(({ text, source }) => ({ text, source: source ?? null })),
    dependsOn: [...path.dependsOn],
    lastUsedAt: used?.at ?? null,
  };
}

function limitWords(limits: PathLimits): string[] {
  const words: string[] = [];
  if (limits.isClosed) words.push("/etc/nologin keeps everybody but root out");
  if (limits.hasNoShell) words.push("no shell: every session ends at once");
  if (limits.expiresAt !== undefined)
    words.push(`until ${new Date(limits.expiresAt * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`);
  if (limits.mustChangePassword) words.push("the password must be changed first");
  if (limits.chroot !== undefined) words.push(`only below ${limits.chroot}`);
  if (limits.hasNoTerminal) words.push("no terminal");
  if (limits.hasNoForwarding) words.push("no port forwarding");
  return words;
}
