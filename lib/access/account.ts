import type { Situation } from "@/lib/access/connection";
import type { AccountFacts, HostFacts } from "@/lib/access/facts";
import { matchesFrom } from "@/lib/authorized-keys/source";
import { matchesPattern } from "@/lib/sshd-config/pattern";
import type { Held, Origin } from "@/lib/sshd-config/settings";

/** Why sshd treats an account as if it did not exist, whatever is tried. */
export interface AccountRefusal {
  readonly reason:
    | "no-account"
    | "locked"
    | "expired"
    | "no-shell"
    | "shell-not-executable"
    | "denied-user"
    | "not-allowed-user"
    | "no-groups"
    | "denied-group"
    | "not-allowed-group"
    /** sshd stops on a pattern that it cannot read: the connection is closed. */
    | "bad-pattern";
  /** One sentence. */
  readonly text: string;
  /** The line of sshd_config that decides; undefined when none does. */
  readonly origin?: Origin;
}

const secondsPerDay = 86_400;

/** The day of a moment, in days since 1970. */
export const dayOf = (now: number) => Math.floor(now / secondsPerDay);

/**
 * Is the account let in at all? The first test that fails decides.
 *
 * @see OpenSSH auth.c:allowed_user, platform.c:platform_locked_account, auth-shadow.c
 */
export function refuseAccount(situation: Situation): AccountRefusal | undefined {
  const { account } = situation;
  if (!account) return { reason: "no-account", text: "There is no such account." };
  return (
    refuseByShadow(situation, account) ??
    refuseByShell(situation, account) ??
    refuseByUser(situation, account) ??
    refuseByGroup(situation, account)
  );
}

/** With UsePAM yes both are PAM's business. */
function refuseByShadow(
  { effective, connection }: Situation,
  account: AccountFacts,
): AccountRefusal | undefined {
  if (effective.isYes("usepam")) return undefined;
  if (account.password === "locked") {
    return {
      reason: "locked",
      text: `The password of ${account.name} is locked (it begins with "!"), which shuts out its keys, too, without UsePAM.`,
    };
  }
  if (account.expiresOnDay === undefined || account.expiresOnDay >= dayOf(connection.now)) return undefined;
  return { reason: "expired", text: `The account ${account.name} has expired.` };
}

/** The shell that a login starts: an empty field means /bin/sh. */
export const shellOf = (account: AccountFacts) => account.shell || "/bin/sh";

function refuseByShell({ effective, server }: Situation, account: AccountFacts): AccountRefusal | undefined {
  if (!isNone(effective.value("chrootdirectory"))) return undefined;
  const shell = shellOf(account);
  const found = server.files.stat(shell);
  // A shell that was not looked at is taken for a good one: nearly all are.
  if (!found && !Object.hasOwn(server.facts.files, shell)) return undefined;
  if (!found || found.kind === "missing")
    return { reason: "no-shell", text: `The shell ${shell} does not exist.` };
  if (found.kind === "file" && ((found.mode ?? 0o755) & 0o111) !== 0) return undefined;
  return { reason: "shell-not-executable", text: `The shell ${shell} is no program that can be run.` };
}

export const isNone = (value: string) => value === "" || value.toLowerCase() === "none";

function refuseByUser(situation: Situation, { name }: AccountFacts): AccountRefusal | undefined {
  const { effective } = situation;
  for (const held of effective.held("denyusers")) {
    const match = matchUser(situation, name, held.value);
    if (match === "invalid") return badPattern("DenyUsers", held);
    if (match)
      return {
        reason: "denied-user",
        text: `DenyUsers ${held.value} refuses ${name}.`,
        ...(held.origin && { origin: held.origin }),
      };
  }
  const allowed = effective.held("allowusers");
  for (const held of allowed) {
    const match = matchUser(situation, name, held.value);
    if (match === "invalid") return badPattern("AllowUsers", held);
    if (match) return undefined;
  }
  const origin = allowed[0]?.origin;
  if (allowed.length === 0) return undefined;
  return {
    reason: "not-allowed-user",
    text: `AllowUsers does not name ${name}${allowed.some((h) => h.value.includes("@")) ? ", or not for this address" : ""}.`,
    ...(origin && { origin }),
  };
}

function badPattern(keyword: string, held: Held): AccountRefusal {
  return {
    reason: "bad-pattern",
    text: `sshd cannot read the pattern ${held.value} of ${keyword} and closes the connection.`,
    ...(held.origin && { origin: held.origin }),
  };
}

/**
 * USER or USER@HOST, one pattern each.
 *
 * @see OpenSSH match.c:match_user
 */
function matchUser(
  { effective, clientName, connection }: Situation,
  name: string,
  pattern: string,
): boolean | "invalid" {
  const { release } = effective.build;
  const at = release >= 909 ? pattern.lastIndexOf("@") : pattern.indexOf("@");
  if (at < 0) return matchesPattern(name, pattern);
  if (!matchesPattern(name, pattern.slice(0, at))) return false;
  return matchesFrom(pattern.slice(at + 1), { address: connection.address, host: clientName }, release);
}

function refuseByGroup({ effective }: Situation, account: AccountFacts): AccountRefusal | undefined {
  const denied = effective.held("denygroups");
  const allowed = effective.held("allowgroups");
  if (denied.length === 0 && allowed.length === 0) return undefined;
  const because = (held: Held | undefined) => (held?.origin ? { origin: held.origin } : {});
  if (account.groups.length === 0) {
    return {
      reason: "no-groups",
      text: `${account.name} is in no group that has a name.`,
      ...because(denied[0] ?? allowed[0]),
    };
  }
  const inGroup = ({ value }: Held) => account.groups.some((group) => matchesPattern(group, value));
  const hit = denied.find(inGroup);
  if (hit)
    return {
      reason: "denied-group",
      text: `DenyGroups ${hit.value} refuses ${account.name}.`,
      ...because(hit),
    };
  if (allowed.length === 0 || allowed.some(inGroup)) return undefined;
  return {
    reason: "not-allowed-group",
    text: `${account.name} is in none of the groups that AllowGroups names.`,
    ...because(allowed[0]),
  };
}

/** The account that a `…CommandUser` names. */
export function accountNamed(facts: HostFacts, name: string): AccountFacts | undefined {
  return facts.accounts.find((a) => a.name === name);
}
