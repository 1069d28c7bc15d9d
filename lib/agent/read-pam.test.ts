import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readRecentLogins } from "@/lib/agent/read-facts";
import { readPam } from "@/lib/agent/read-pam";

const body = Buffer.from("auth required pam_unix.so\n");
const headers = {
  path: "/etc/pam.d/sshd",
  sha256: createHash("sha256").update(body).digest("hex"),
  bytes: String(body.length),
  original: "",
  module: "absent",
};

describe("sshd's PAM file", () => {
  test("comes whole, with whether the module is there", () => {
    expect(readPam({ headers, body })).toEqual({
      path: "/etc/pam.d/sshd",
      sha256: headers.sha256,
      hasModule: false,
      content: body,
    });
  });

  test.each<[string, Record<string, string>, Buffer]>([
    ["of another path", { ...headers, path: "/etc/pam.d/su" }, body],
    ["with another content than its hash says", headers, Buffer.from("auth required pam_evil.so\n")],
    ["that is cut", headers, body.subarray(3)],
    ["with a hash that is none", { ...headers, sha256: "x" }, body],
    ["with a module that is neither there nor not", { ...headers, module: "$(reboot)" }, body],
    ["without a length", { ...headers, bytes: "-1" }, body],
  ])("%s is malformed", (_, given, content) => {
    expect(() => readPam({ headers: given, body: content })).toThrow('answered "read-pam"');
  });
});

describe("the logins of late", () => {
  const row = "alice\t1795388967\tkeyboard-interactive/pam\t10.0.0.9\t-\n";

  test("come newest first, with the host's clock and where they are from", () => {
    const older = row.replace("alice", "b%09ob").replace("967", "901");
    const given = { headers: { source: "file", clock: "1795388970" }, body: Buffer.from(older + row) };
    expect(readRecentLogins(given)).toEqual({
      source: "file",
      clockSeconds: 1795388970,
      logins: [
        {
          account: "alice",
          at: new Date(1795388967_000).toISOString(),
          method: "keyboard-interactive/pam",
          address: "10.0.0.9",
        },
        expect.objectContaining({ account: "b\tob" }),
      ],
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ["a source that is none", { source: "rumour", clock: "1" }, row],
    ["a clock that is none", { source: "file", clock: "now" }, row],
    ["a moment that is none", { source: "file", clock: "1" }, row.replace("1795388967", "soon")],
  ])("with %s are malformed", (_, given, text) => {
    expect(() => readRecentLogins({ headers: given, body: Buffer.from(text) })).toThrow();
  });
});
