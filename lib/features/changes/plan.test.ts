import { describe, expect, test } from "vitest";
import { judgeAccess } from "@/lib/features/changes/access-of-plan";
import { makePlan } from "@/lib/features/changes/plan";

/** The plan of a text that the host's sshd takes, and that changes nothing for the accounts it was asked about. */
function planOf(base: string, content: string) {
  return makePlan({
    base,
    content,
    asked: [],
    check: { testCode: 0, testText: "", effective: [] },
    login: {
      account: "gatehouse",
      port: 22,
      pinnedTypes: ["ssh-ed25519"],
      markerVariable: "GATEHOUSE_CHANGE_x",
    },
    access: judgeAccess(null, { files: new Map(), path: "", base, content, people: [] }, new Date(0)),
    rules: [],
    at: new Date(0),
  });
}

describe("our own login proves nothing of people's, so a person keeps a change", () => {
  test.each([
    ["who may log in", "AllowUsers gatehouse\n"],
    ["a command for everybody but us", "Match User *,!gatehouse\n\tForceCommand /bin/false\n"],
    ["where their keys come from", "AuthorizedKeysCommand none\n"],
    ["what their client must speak", "Ciphers aes256-gcm@openssh.com\n"],
    ["the port they come to", "Port 22\n"],
    ["a keyword that nobody knows", "FutureKeyword yes\n"],
  ])("of %s", (_, text) => {
    expect(planOf("", text).needsPerson).toBe(true);
    expect(planOf(text, "").needsPerson).toBe(true);
  });

  test("but not of what no login depends on", () => {
    expect(planOf("", "ClientAliveInterval 77\nAllowTcpForwarding no\n").needsPerson).toBe(false);
  });
});
