import { isNone, shellOf } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import type { KeyGrant } from "@/lib/access/key-grant";
import { judgePasswordAge } from "@/lib/access/password-age";
import type { Server } from "@/lib/access/server";
import type { Way } from "@/lib/access/ways";

/** What a login comes to, beside being let in. */
export interface PathLimits {
  /** Runs instead of what the client asks for. */
  readonly forcedCommand?: string;
  /** The shell ends every session (nologin, false); forwarding may still work. */
  readonly hasNoShell: boolean;
  /** /etc/nologin ends every session of anybody but root. */
  readonly isClosed: boolean;
  /** Seconds since 1970. */
  readonly expiresAt?: number;
  readonly mustChangePassword: boolean;
  readonly hasNoTerminal: boolean;
  readonly hasNoForwarding: boolean;
  /** By a certificate of an authority: what it says itself (no terminal, a command, addresses, an end) counts, too. */
  readonly isNarrowedByCertificate: boolean;
  readonly chroot?: string;
}

/** What holds for a login by this way. */
export function limitsOf(
  account: AccountFacts,
  way: Way,
  { effective }: Situation,
  { facts }: Server,
  now: number,
): PathLimits {
  const grants: KeyGrant[] = [];
  let expiresAt: number | undefined;
  for (const { key } of way.steps) {
    if (key?.grant) grants.push(key.grant);
    const end = key?.expiresAt;
    if (end !== undefined && (expiresAt === undefined || end < expiresAt)) expiresAt = end;
  }
  const written = effective.value("forcecommand");
  const forcedCommand = isNone(written)
    ? grants.find((g) => g.forcedCommand !== undefined)?.forcedCommand
    : written;
  const chroot = effective.value("chrootdirectory");
  const nologin = facts.files["/etc/nologin"];
  const isClosed = nologin !== undefined && nologin.kind !== "missing" && account.uid !== 0;
  return {
    ...(forcedCommand !== undefined && { forcedCommand }),
    hasNoShell: /\/(?:nologin|false)$/.test(shellOf(account)),
    isClosed: isClosed && !effective.isYes("usepam"),
    ...(expiresAt !== undefined && { expiresAt }),
    mustChangePassword: judgePasswordAge(account, effective.build, now) !== "good",
    hasNoTerminal: effective.value("permittty") === "no" || grants.some((g) => !g.options.permitsPty),
    hasNoForwarding:
      effective.isYes("disableforwarding") || grants.some((g) => !g.options.permitsPortForwarding),
    isNarrowedByCertificate: way.steps.some(({ key }) => key?.kind === "authority"),
    ...(!isNone(chroot) && { chroot }),
  };
}
