import { expect, test } from "vitest";
import { findSeenLogin } from "@/lib/two-factor/seen-login";

const host = 1_795_388_967;
const ago = (seconds: number) => new Date((host - seconds) * 1000).toISOString();
const login = (account: string, method: string, seconds: number) => ({ account, method, at: ago(seconds) });
const find = (logins: ReturnType<typeof login>[], withinSeconds = 60) =>
  findSeenLogin(logins, { accounts: ["alice", "carol"], hostSeconds: host, withinSeconds });

test("a login through the questions of PAM counts, the newest of them", () => {
  const logins = [
    login("alice", "keyboard-interactive/pam", 50),
    login("carol", "keyboard-interactive/pam", 3),
  ];
  expect(find(logins)?.account).toBe("carol");
});

test("nothing else counts: another method, an older login, an account that is not asked", () => {
  expect(
    find([
      login("alice", "publickey", 3),
      login("alice", "password", 3),
      login("alice", "keyboard-interactive/pam", 61),
      login("deploy", "keyboard-interactive/pam", 3),
      login("alice", "keyboard-interactive/pam", -240),
      { account: "alice", method: "", at: ago(3) },
      { account: "alice", method: "keyboard-interactive/pam", at: "never" },
    ]),
  ).toBeUndefined();
});
