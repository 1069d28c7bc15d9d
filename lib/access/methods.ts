import type { Effective } from "@/lib/access/server";
import { findDisabledMethod } from "@/lib/sshd-config/methods";

/** The methods that sshd knows, by the names of the protocol. */
export type MethodName =
  | "none"
  | "publickey"
  | "password"
  | "keyboard-interactive"
  | "hostbased"
  | "gssapi-with-mic";

const keywordOf: Readonly<Record<Exclude<MethodName, "none">, string>> = {
  publickey: "pubkeyauthentication",
  password: "passwordauthentication",
  "keyboard-interactive": "kbdinteractiveauthentication",
  hostbased: "hostbasedauthentication",
  "gssapi-with-mic": "gssapiauthentication",
};

/** Is a method switched on for this connection? `none` is never among them: it is tried once and counts by itself. */
export function isEnabled(effective: Effective, method: Exclude<MethodName, "none">): boolean {
  return effective.isYes(keywordOf[method]);
}

/** The lists of AuthenticationMethods, which shrink from the front while methods succeed. */
export interface MethodLists {
  /** False: one method is enough ("any"). */
  readonly areSet: boolean;
  lists: string[];
}

/**
 * The lists that can be completed: one with a method that is switched off is dropped.
 *
 * @returns undefined when none is left; sshd then ends the connection
 * @see OpenSSH auth2.c:auth2_setup_methods_lists
 */
export function setUpMethods(effective: Effective): MethodLists | undefined {
  const written = effective.values("authenticationmethods");
  const lists = written.length === 1 && written[0] === "any" ? [] : [...written];
  if (lists.length === 0) return { areSet: false, lists: [] };
  const usable = lists.filter(
    (list) => findDisabledMethod(list, effective.build, (keyword) => effective.isYes(keyword)) === undefined,
  );
  return usable.length === 0 ? undefined : { areSet: true, lists: usable };
}

type Start = "no" | "method" | "both" | "partly";

/** @see OpenSSH auth2.c:list_starts_with */
function startsWith(list: string, method: string, device: string | undefined): Start {
  if (!list.startsWith(method)) return "no";
  let rest = list.slice(method.length);
  let start: Start = "method";
  if (rest.startsWith(":")) {
    if (device === undefined) return "partly";
    if (!rest.slice(1).startsWith(device)) return "no";
    rest = rest.slice(1 + device.length);
    start = "both";
  }
  return rest === "" || rest.startsWith(",") ? start : "no";
}

/** Is it this method's turn in any list? */
export function isAllowed(methods: MethodLists, method: string, device?: string): boolean {
  return !methods.areSet || methods.lists.some((list) => startsWith(list, method, device) !== "no");
}

/**
 * Takes a method that succeeded off the lists.
 *
 * @returns "fatal" when no list begins with it: sshd dies
 * @see OpenSSH auth2.c:auth2_update_methods_lists
 */
export function completeMethod(
  methods: MethodLists,
  method: string,
  device: string | undefined,
): "complete" | "partial" | "fatal" {
  if (!methods.areSet) return "complete";
  let found = false;
  for (const [i, list] of methods.lists.entries()) {
    const start = startsWith(list, method, device);
    if (start !== "method" && start !== "both") continue;
    found = true;
    const taken = method.length + (start === "both" ? 1 + (device?.length ?? 0) : 0);
    const left = list.slice(taken).replace(/^,/, "");
    methods.lists[i] = left;
    if (left === "") return "complete";
  }
  return found ? "partial" : "fatal";
}
