/** A login as a host's records tell it. */
export interface RecordedLogin {
  readonly account: string;
  /** ISO 8601, by the host's clock. */
  readonly at: string;
  /** As sshd logs it: the method that completed the login. */
  readonly method?: string;
}

/**
 * The newest login through the questions of PAM, by somebody who counts, not older than so many seconds.
 *
 * sshd writes "Accepted keyboard-interactive/pam" only when the whole list of methods is complete: with
 * `publickey,keyboard-interactive` the key was taken before. Ages are told by the host's clock alone: what it wrote in the
 * future was written before the clock was set back, nobody knows when.
 *
 * @param accounts whose login counts
 * @param hostSeconds the host's clock when it told of them
 */
export function findSeenLogin<Login extends RecordedLogin>(
  logins: readonly Login[],
  {
    accounts,
    hostSeconds,
    withinSeconds,
  }: { accounts: readonly string[]; hostSeconds: number; withinSeconds: number },
): Login | undefined {
  return logins
    .filter(({ account, at, method }) => {
      const age = hostSeconds - Date.parse(at) / 1000;
      const isAnswered = /^keyboard-interactive(?:\/[a-z]{1,20})?$/.test(method ?? "");
      return accounts.includes(account) && isAnswered && age >= -1 && age <= withinSeconds;
    })
    .sort((a, b) => (a.at < b.at ? 1 : -1))[0];
}
