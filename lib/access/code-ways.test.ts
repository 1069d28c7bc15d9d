import { expect, test } from "vitest";
import type { OtpFacts } from "@/lib/access/facts";
import { testMoment as now } from "@/lib/access/testing/agreement";
import { hostWith } from "@/lib/access/testing/host";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";

const codeOf = (account: string, isPresent: boolean): OtpFacts => ({
  account,
  module: "pam_google_authenticator.so",
  path: `/var/lib/google-authenticator/${account}`,
  isPresent,
  isValid: isPresent,
});

/** Who comes in by PAM's questions where these ask for a code and nothing else. */
function byCode(argument: string, otp: readonly OtpFacts[]): string[] {
  const text = `auth required pam_google_authenticator.so user=root ${argument}\naccount required pam_unix.so\n`;
  const facts = hostWith({
    config: "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no\n",
    accounts: [{ name: "alice", password: "locked" }, { name: "bob", password: "locked" }, { name: "eve" }],
    files: { "/etc/pam.d/sshd": { kind: "file", uid: 0, gid: 0, mode: 0o644, text } },
    more: { otp },
  });
  const paths = whoCanLogIn(facts, { now });
  return [...new Set(paths.map(({ account }) => account))].sort();
}

test("nobody comes in by a code that his host does not know of, whatever his password is", () => {
  expect(byCode("", [codeOf("alice", true), codeOf("bob", false), codeOf("eve", false)])).toEqual(["alice"]);
});

test("whose codes were not looked at may have some", () => {
  expect(byCode("", [codeOf("alice", true)])).toEqual(["alice", "bob", "eve"]);
});

test("nullok lets those through who have none, so the way stays", () => {
  expect(byCode("nullok", [codeOf("alice", true), codeOf("bob", false)])).toEqual(["alice", "bob", "eve"]);
});

test("a state file that is broken lets nobody in, with and without nullok; one that was not read may be good", () => {
  const broken = { ...codeOf("bob", true), isValid: false };
  for (const argument of ["", "nullok"]) {
    expect(byCode(argument, [codeOf("alice", true), broken])).toEqual(["alice", "eve"]);
    expect(byCode(argument, [{ ...broken, isUnread: true }])).toEqual(["alice", "bob", "eve"]);
  }
});

test("where PAM asks for a code alone sshd takes the code as a password, locked or not", () => {
  const byPassword = (otp: readonly OtpFacts[]) => {
    const text = "auth required pam_google_authenticator.so user=root\naccount required pam_unix.so\n";
    const facts = hostWith({
      config: "UsePAM yes\nKbdInteractiveAuthentication no\n",
      accounts: [{ name: "alice", password: "locked" }],
      files: { "/etc/pam.d/sshd": { kind: "file", uid: 0, gid: 0, mode: 0o644, text } },
      more: { otp },
    });
    return whoCanLogIn(facts, { now }).map(({ account, steps }) => [account, steps[0]?.factors]);
  };
  expect(byPassword([codeOf("alice", true)])).toEqual([["alice", ["code"]]]);
  expect(byPassword([codeOf("alice", false)])).toEqual([]);
});
