import type { Build } from "@/lib/sshd-config/build";
import type { Scope } from "@/lib/sshd-config/scope";
import type { Held } from "@/lib/sshd-config/settings";

/** The settings that decide which methods a login may use. */
export const methodKeys = [
  "authenticationmethods",
  "pubkeyauthentication",
  "passwordauthentication",
  "kbdinteractiveauthentication",
  "authorizedkeysfile",
  "usepam",
] as const;

/** Does a yes-no keyword hold? */
export function isYes(scope: Scope, key: string): boolean {
  const value = scope.value(key);
  return value === "yes" || (value !== undefined && value !== "no" && /^(?:yes|true)$/i.test(value));
}

const isName = ({ value }: Held) =>
  value.length > 9 || (value !== "none" && !/^(?:none|\/dev\/null)?$/i.test(value));

/** Is there a value other than "none"? A file that is always empty counts as none. */
export function isNamed(scope: Scope, key: string): boolean {
  return scope.held(key).some(isName);
}

/** What can be open, each with its place in a sum of powers of two. */
const openable = [
  "publickey",
  "password",
  "keyboard-interactive",
  "hostbased",
  "gssapi-with-mic",
  "gssapi-keyex",
];

/** By sum: thousands of blocks have one of few sets. */
const openSets: readonly ReadonlySet<string>[] = Array.from(
  { length: 2 ** openable.length },
  (_, sum) => new Set(openable.filter((_, place) => (sum >> place) % 2 === 1)),
);

/** The methods that can succeed in a scope, as AuthenticationMethods names them. */
export function openMethods(scope: Scope, build: Build): ReadonlySet<string> {
  let sum = 0;
  if (isYes(scope, "pubkeyauthentication") && hasKeys(scope)) sum += 1;
  if (isYes(scope, "passwordauthentication")) sum += 2;
  // Without PAM nobody answers for keyboard-interactive on Linux: the method is offered, and every attempt fails.
  if (isYes(scope, "kbdinteractiveauthentication") && isYes(scope, "usepam")) sum += 4;
  if (isYes(scope, "hostbasedauthentication")) sum += 8;
  if (build.release < 1004 && isYes(scope, "gssapiauthentication")) sum += 16 + 32;
  return openSets[sum] ?? new Set();
}

function hasKeys(scope: Scope): boolean {
  return (
    isNamed(scope, "authorizedkeysfile") ||
    isNamed(scope, "authorizedkeyscommand") ||
    isNamed(scope, "trustedusercakeys")
  );
}

/** Lists that were split before: thousands of blocks say the same. */
const splitBefore = new Map<string, readonly string[]>();
const maxKept = 100;

function splitList(list: string): readonly string[] {
  const known = splitBefore.get(list);
  if (known) return known;
  const methods = list.split(",");
  if (splitBefore.size >= maxKept || list.length > maxKept) return methods;
  splitBefore.set(list, methods);
  return methods;
}

/** The lists of AuthenticationMethods that hold in a scope, each split; empty where one method is enough. */
export function methodLists(scope: Scope): (readonly string[])[] {
  const lists: (readonly string[])[] = [];
  for (const { value } of scope.held("authenticationmethods"))
    for (const list of /\s/.test(value) ? value.split(/\s+/) : [value])
      if (list !== "" && list !== "any") lists.push(splitList(list));
  return lists;
}

/** A method without the device behind its colon. */
export function bareMethod(method: string): string {
  const colon = method.indexOf(":");
  return colon < 0 ? method : method.slice(0, colon);
}

/**
 * Why one method of a list can never be fulfilled; undefined when it can.
 *
 * @see OpenSSH auth2.c:auth2_method_allowed; a device behind publickey or password matches none
 */
export function methodObstacle(method: string, open: ReadonlySet<string>, scope: Scope): string | undefined {
  const bare = bareMethod(method);
  if ((bare === "publickey" || bare === "password") && method.includes(":"))
    return `"${method}" names a device, and ${bare} has none`;
  if (bare === "none") return isYes(scope, "permitemptypasswords") ? undefined : `"none" lets nobody in`;
  return open.has(bare) ? undefined : `"${bare}" is switched off or cannot succeed`;
}
