import { expect, test } from "vitest";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { observeKeys } from "@/lib/features/access/key-files";

function pathsOf(account: TestAccount, version: string, config = "") {
  const observed = observeKeys(hostWith({ config, version, accounts: [account] }), 1.78e9);
  if (typeof observed === "string") return expect.fail(observed);
  return observed[0]?.files.map(({ path, exists }) => [path, exists]);
}

test.each(["OpenSSH_9.2p1 Debian-2+deb12u3", "OpenSSH_10.0p2 Debian-7"])(
  "%s: the first key of an account has a file to go to",
  (version) => {
    expect(pathsOf({ name: "alice" }, version)).toEqual([
      ["/home/alice/.ssh/authorized_keys", false],
      ["/home/alice/.ssh/authorized_keys2", false],
    ]);
  },
);

test("a pattern of names is only the files that are there", () => {
  const config = "AuthorizedKeysFile .ssh/*_keys .ssh/other";
  expect(pathsOf({ name: "alice", keys: "" }, "OpenSSH_10.0p2 Debian-7", config)).toEqual([
    ["/home/alice/.ssh/authorized_keys", true],
    ["/home/alice/.ssh/other", false],
  ]);
});

test.each(["/home/alice/", "//home//alice"])("a home of %s makes no path with empty parts", (home) => {
  const [first] = pathsOf({ name: "alice", home }, "OpenSSH_9.2p1 Debian-2+deb12u3") ?? [];
  expect(first).toEqual(["/home/alice/.ssh/authorized_keys", false]);
});
