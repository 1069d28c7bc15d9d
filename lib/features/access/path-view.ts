import type { LoginFacts } from "@/lib/access/facts";
import type { PathLimits } from "@/lib/access/path-limits";
import type { LoginPath } from "@/lib/access/who-can-log-in";
import type { AccessPathView } from "@/lib/features/access/views";

/**
 * A way in as pages and files show it.
 *
 * @param logins of the way's account, the last first
 */
export function pathView(path: LoginPath, logins: readonly LoginFacts[]): AccessPathView {
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
    lastUsedAt: lastUse(path, logins)?.at ?? null,
  };
}

/** The last login by the way: sshd logs the key where there is one, and else only the method that came last. */
function lastUse({ steps }: LoginPath, logins: readonly LoginFacts[]): LoginFacts | undefined {
  const prints = steps.flatMap(({ key }) => key?.fingerprint ?? []);
  const last = steps.at(-1)?.method;
  return logins.find((login) =>
    prints.length > 0
      ? login.fingerprint !== undefined && prints.includes(login.fingerprint)
      : last !== undefined && login.method?.split("/")[0] === last,
  );
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
  if (limits.isNarrowedByCertificate) words.push("and what the certificate itself limits");
  return words;
}

/** The items in groups, by account. */
export function byAccount<Item extends { readonly account: string }>(
  items: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.account);
    if (group) group.push(item);
    else groups.set(item.account, [item]);
  }
  return groups;
}
