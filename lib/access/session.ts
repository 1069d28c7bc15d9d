import { isNone } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { expandTokens } from "@/lib/access/tokens";

/**
 * Why a login that succeeded is cut before it has a session; undefined when it is not.
 *
 * @see OpenSSH session.c:do_setusercontext, safely_chroot; sshd-session.c:privsep_postauth
 */
export function refuseSession(situation: Situation, account: AccountFacts): string | undefined {
  const { effective } = situation;
  const written = effective.value("chrootdirectory");
  if (isNone(written)) return undefined;
  // Up to 9.7 root's session is set up by the process that serves it: the login itself stands.
  if (account.uid === 0 && effective.build.release < 908) return undefined;
  const tokens = { h: account.home, u: account.name, U: String(account.uid) };
  const path = expandTokens(written, tokens);
  if (path === undefined) return `sshd cannot expand ChrootDirectory ${written}.`;
  const reason = refuseChroot(situation, path);
  return reason && `ChrootDirectory ${path}: ${reason}.`;
}

function refuseChroot({ server }: Situation, path: string): string | undefined {
  if (!path.startsWith("/")) return "it does not begin at the root";
  for (let at = path.indexOf("/"); ; at = path.indexOf("/", at + 1)) {
    const component = at < 0 ? path : path.slice(0, at + 1);
    const found = component === "/" ? (server.files.stat("/") ?? root) : server.files.stat(component);
    if (!found || found.kind === "missing") return `${component} does not exist`;
    if (found.uid !== 0 || ((found.mode ?? 0) & 0o022) !== 0)
      return `${component} is not root's alone to write`;
    if (found.kind !== "directory") return `${component} is no directory`;
    if (at < 0) return undefined;
  }
}

const root = { kind: "directory", uid: 0, gid: 0, mode: 0o755 } as const;
