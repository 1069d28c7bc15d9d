import type { AccountFacts, HostFacts, LoginFacts } from "@/lib/access/facts";
import { startServer } from "@/lib/access/server";
import { type KeyOwner, type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { byAccount, pathView } from "@/lib/features/access/path-view";
import type { AccessAccountView } from "@/lib/features/access/views";

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
