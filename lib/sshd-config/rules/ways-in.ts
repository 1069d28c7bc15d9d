import type { Build } from "@/lib/sshd-config/build";
import type { Scope } from "@/lib/sshd-config/scope";

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

/** Is there a value other than "none"? A file that is always empty counts as none. */
export function isNamed(scope: Scope, key: string): boolean {
  return scope.held(key).some(({ value }) => !/^(?:none|\/dev\/null)?$/i.test(value));
}

/** Several rules ask the same of a scope. */
const openOf = new WeakMap<Scope, ReadonlySet<string>>();

/** The methods that can succeed in a scope, as AuthenticationMethods names them. */
export function openMethods(scope: Scope, build: Build): ReadonlySet<string> {
  const known = openOf.get(scope) ?? findOpenMethods(scope, build);
  openOf.set(scope, known);
  return known;
}

function findOpenMethods(scope: Scope, build: Build): ReadonlySet<string> {
  const open = new Set<string>();
  const hasKeys = () =>
    ["authorizedkeysfile", "authorizedkeyscommand", "trustedusercakeys"].some((key) => isNamed(scope, key));
  if (isYes(scope, "pubkeyauthentication") && hasKeys()) open.add("publickey");
  if (isYes(scope, "passwordauthentication")) open.add("password");
  // Without PAM nobody answers for keyboard-interactive on Linux: the method is offered, and every attempt fails.
  if (isYes(scope, "kbdinteractiveauthentication") && isYes(scope, "usepam"))
    open.add("keyboard-interactive");
  if (isYes(scope, "hostbasedauthentication")) open.add("hostbased");
  if (build.release < 1004 && isYes(scope, "gssapiauthentication")) {
    open.add("gssapi-with-mic");
    open.add("gssapi-keyex");
  }
  return open;
}

const listsOf = new WeakMap<Scope, string[][]>();

/** The lists of AuthenticationMethods that hold in a scope, each split; empty where one method is enough. */
export function methodLists(scope: Scope): string[][] {
  const known = listsOf.get(scope) ?? findMethodLists(scope);
  listsOf.set(scope, known);
  return known;
}

function findMethodLists(scope: Scope): string[][] {
  const lists = scope.held("authenticationmethods").flatMap(({ value }) => value.split(/\s+/));
  return lists.filter((list) => list !== "" && list !== "any").map((list) => list.split(","));
}

/** A method without the device behind its colon. */
export function bareMethod(method: string): string {
  return method.split(":")[0] ?? method;
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
