import type { HostFacts } from "@/lib/access/facts";
import { startServer } from "@/lib/access/server";

/**
 * Whether sshd lets PAM put its questions to root, from wherever it comes; undefined when sshd refuses the configuration.
 *
 * Only `PermitRootLogin yes` does: prohibit-password and without-password forbid them beside the password.
 *
 * @see OpenSSH auth.c:auth_root_allowed
 */
export function mayRootBeAsked(facts: HostFacts): boolean | undefined {
  const server = startServer(facts);
  if (server.refused !== undefined) return undefined;
  return server.effective({ user: "root" }).value("permitrootlogin") === "yes";
}
