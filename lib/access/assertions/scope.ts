import type { AccountScope, Assertion, HostScope } from "@/lib/access/assertions/assertion";
import { lowerAscii, matchesPattern } from "@/lib/sshd-config/pattern";

/** Is the rule about this host? */
export function isAbout(
  { hosts }: Pick<Assertion, "hosts">,
  host: { readonly name: string; readonly tags: readonly string[] },
): boolean {
  return fitsHost(hosts, host);
}

/** Which hosts a stored assertion is about; undefined when that cannot be told. */
export function readHostScope(assertion: unknown): HostScope | undefined {
  const hosts = field(assertion, "hosts");
  const words = (name: string) => {
    const list = field(hosts, name);
    return Array.isArray(list) && list.every((word) => typeof word === "string") ? list : undefined;
  };
  const [tags, patterns] = [words("tags"), words("patterns")];
  switch (field(hosts, "kind")) {
    case "all":
      return { kind: "all" };
    case "tags":
      return tags && { kind: "tags", tags };
    case "names":
      return patterns && { kind: "names", patterns };
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
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
