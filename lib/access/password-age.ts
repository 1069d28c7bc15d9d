import { dayOf } from "@/lib/access/account";
import type { AccountFacts } from "@/lib/access/facts";
import type { Build } from "@/lib/sshd-config/build";

/** overdue: it has to be changed before anything else · dead: it was not changed in time, the account is shut. */
export type PasswordAge = "good" | "overdue" | "dead";

/**
 * What pam_unix says to the age of a password (shadow(5), fields 3, 5 and 7).
 *
 * Up to Linux-PAM 1.5 the last of the days still counts as one of them, from 1.6 on it does not. The distributions that
 * ship OpenSSH 10 are the ones that ship it.
 *
 * @param now seconds since 1970
 * @see Linux-PAM pam_unix/passverify.c:check_shadow_expiry
 */
export function judgePasswordAge(account: AccountFacts, { release }: Build, now: number): PasswordAge {
  const {
    passwordChangedOnDay: changed,
    passwordMaxDays: most = -1,
    passwordInactiveDays: inactive = -1,
  } = account;
  if (changed === undefined || changed < 0) return "good";
  if (changed === 0) return "overdue";
  const passed = dayOf(now) - changed;
  if (most < 0 || passed < 0) return "good";
  const isOver = (days: number) => (release >= 1000 ? passed >= days : passed > days);
  if (inactive >= 0 && isOver(most + inactive)) return "dead";
  return isOver(most) ? "overdue" : "good";
}
