import type { AccountScope, Assertion, HostScope } from "@/lib/access/assertions/assertion";
import { lowerAscii, matchesPattern } from "@/lib/sshd-config/pattern";

/** Is the rule about this host? */
export function isAbout(
  { hosts }: Pick<Assertion, "hosts">,
  host: { readonly name: string; readonly tags: readonly string[] },
): boolean {
  return fitsHost(hosts, host);
}

function fitsHost(scope: HostScope, { name, tags }: { name: string; tags: readonly string[] }): boolean {
  switch (scope.kind) {
    case "all":
      return true;
    case "tags":
      return scope.tags.some((tag) => tags.includes(tag));
    case "names": {
      const wanted = lowerAscii(name);
      return scope.patterns.some((pattern) => matchesPattern(wanted, lowerAscii(pattern)));
    }
  }
}

/** Is the account one of those that a rule speaks of? */
export function fitsAccount(
  scope: AccountScope,
  { name, uid }: { readonly name: string; readonly uid: number },
): boolean {
  switch (scope.kind) {
    case "all":
      return true;
    case "root":
      return uid === 0;
    case "names":
      return scope.patterns.some((pattern) => matchesPattern(name, pattern));
  }
}
