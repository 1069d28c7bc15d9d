import type { AccountFacts } from "@/lib/access/facts";
import type { PamStack } from "@/lib/access/pam";
import type { Effective } from "@/lib/access/server";

/** What somebody types where a password, or a code, is asked for. */
export type TypedPassword = "right" | "wrong" | "empty";

/**
 * Does the host take the password, before PAM's account stage?
 *
 * @see OpenSSH auth-passwd.c:auth_password, auth-pam.c:sshpam_auth_passwd
 */
export function isPasswordTaken(
  effective: Effective,
  account: AccountFacts,
  typed: TypedPassword,
  stack: PamStack,
): boolean {
  const permitsEmpty = effective.isYes("permitemptypasswords");
  if (typed === "empty" && !permitsEmpty) return false;
  if (isRootRefused(effective, account)) return false;
  if (effective.isYes("usepam"))
    return asksCodeAlone(stack) ? typed === "right" : isRightForPam(effective, account, typed, stack);
  if (account.password === "empty") return typed === "empty";
  return account.password === "usable" && typed === "right";
}

/** Through PAM's questions (keyboard-interactive); without UsePAM nothing on Linux asks them. */
export function isAnswerTaken(
  effective: Effective,
  account: AccountFacts,
  typed: TypedPassword,
  stack: PamStack,
): boolean {
  if (!effective.isYes("usepam") || isRootRefused(effective, account)) return false;
  if (typed === "empty" && !effective.isYes("permitemptypasswords")) return false;
  if (asksCodeAlone(stack)) return typed === "right";
  return isRightForPam(effective, account, typed, stack);
}

/**
 * Does PAM ask for a code and for no password? Whether the password is locked is of no matter then, and sshd hands what
 * is typed as one to the module.
 *
 * @see OpenSSH auth-pam.c:sshpam_passwd_conv
 */
export function asksCodeAlone(stack: PamStack): boolean {
  return stack.passwordSource === undefined && stack.otpModules.length > 0;
}

/**
 * Does pam_unix let the account in without a look at what is typed?
 *
 * @see Linux-PAM pam_unix/support.c:_unix_blankpasswd
 */
export function isBlankForPam(effective: Effective, account: AccountFacts, stack: PamStack): boolean {
  return account.password === "empty" && stack.allowsEmpty && effective.isYes("permitemptypasswords");
}

function isRightForPam(
  effective: Effective,
  account: AccountFacts,
  typed: TypedPassword,
  stack: PamStack,
): boolean {
  if (account.password === "empty") return isBlankForPam(effective, account, stack);
  return account.password === "usable" && typed === "right";
}

/** Anything but `yes` keeps passwords away from uid 0, whatever the account is called. */
function isRootRefused(effective: Effective, account: AccountFacts): boolean {
  return account.uid === 0 && effective.value("permitrootlogin") !== "yes";
}

/**
 * May uid 0 log in by this method?
 *
 * @param hasForcedCommand the key or certificate runs a command of its own (ForceCommand does not count)
 * @returns "cut" when the client is told of success and the connection then ends
 * @see OpenSSH auth.c:auth_root_allowed
 */
export function judgeRoot(
  effective: Effective,
  method: string,
  hasForcedCommand: boolean,
): "allowed" | "refused" | "cut" {
  switch (effective.value("permitrootlogin")) {
    case "yes":
      return "allowed";
    case "no":
      return "refused";
    case "forced-commands-only":
      // The process that talks to the client does not know the command and takes any key to have one.
      if (method !== "publickey") return "refused";
      return hasForcedCommand ? "allowed" : "cut";
    default:
      return ["publickey", "hostbased", "gssapi-with-mic"].includes(method) ? "allowed" : "refused";
  }
}
