import type { Build } from "@/lib/sshd-config/build";
import { findDisabledMethod } from "@/lib/sshd-config/methods";
import { equalsIgnoringCase } from "@/lib/sshd-config/pattern";
import { Refusal } from "@/lib/sshd-config/reading";
import { allValues, firstValue, type Settings } from "@/lib/sshd-config/settings";

/**
 * Checks that look at several directives together.
 *
 * @throws Refusal when sshd refuses to start
 */
export function checkSense(settings: Settings, build: Build, print: (text: string) => void): void {
  for (const what of ["Keys", "Principals"]) {
    const command = firstValue(settings, `authorized${what}command`.toLowerCase());
    const user = firstValue(settings, `authorized${what}commanduser`.toLowerCase());
    if (command !== undefined && !equalsIgnoringCase(command, "none") && user === undefined) {
      const text = `Authorized${what}Command set without Authorized${what}CommandUser`;
      throw new Refusal("fatal", "missing-value", text, false);
    }
  }
  const lists = allValues(settings, "authenticationmethods");
  for (const list of lists) {
    const disabled = findDisabledMethod(list, build, (keyword) => isMethodOn(settings, keyword));
    if (disabled === undefined) return;
    print(`Disabled method "${disabled}" in AuthenticationMethods list "${list}"`);
  }
  if (lists.length > 0) {
    const text = "AuthenticationMethods cannot be satisfied by enabled authentication methods";
    throw new Refusal("fatal", "unsatisfiable", text, false);
  }
}

/** Methods that are on unless a line switches them off; the others are off unless a line switches them on. */
const onByDefault = new Set([
  "pubkeyauthentication",
  "passwordauthentication",
  "kbdinteractiveauthentication",
]);

function isMethodOn(settings: Settings, keyword: string): boolean {
  const value = firstValue(settings, keyword);
  return value === undefined ? onByDefault.has(keyword) : value === "yes";
}
