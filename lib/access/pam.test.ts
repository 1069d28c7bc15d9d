import { expect, test } from "vitest";
import type { FileFacts } from "@/lib/access/facts";
import { readPamStack } from "@/lib/access/pam";
import { factsWithPam, pamTextOf } from "@/lib/access/pam-draft";
import { hostWith } from "@/lib/access/testing/host";

const file = (text: string): FileFacts => ({ kind: "file", uid: 0, gid: 0, mode: 0o644, text });
const link = (target: string): FileFacts => ({ kind: "symlink", uid: 0, gid: 0, mode: 0o777, target });
const hostOf = (files: Record<string, FileFacts>) => hostWith({ config: "", accounts: [], files });
const code = "auth required pam_google_authenticator.so\n";

test("sshd's PAM file is read where a link leads, and so is what it includes", () => {
  const facts = hostOf({
    "/etc/pam.d/sshd": link("/etc/pam.d/remote"),
    "/etc/pam.d/remote": file(`${code}account include system-auth\n`),
    "/etc/pam.d/system-auth": link("/etc/authselect/system-auth"),
    "/etc/authselect/system-auth": file("account required pam_unix.so\n"),
  });
  expect(readPamStack(facts)).toMatchObject({
    otpModules: ["pam_google_authenticator.so"],
    checksAccount: true,
    isForetold: false,
  });
  expect(pamTextOf(facts)).toContain(code);
});

test("a draft of a linked PAM file is what is judged, and the link stays", () => {
  const facts = hostOf({
    "/etc/pam.d/sshd": link("/etc/pam.d/remote"),
    "/etc/pam.d/remote": file("auth required pam_unix.so\n"),
  });
  const drafted = factsWithPam(facts, code);
  expect(readPamStack(drafted).otpModules).toEqual(["pam_google_authenticator.so"]);
  expect(drafted.files["/etc/pam.d/sshd"]?.kind).toBe("symlink");
});

test("where a link leads nowhere nothing is foretold", () => {
  const facts = hostOf({ "/etc/pam.d/sshd": link("/etc/pam.d/gone") });
  expect(readPamStack(facts)).toMatchObject({ isForetold: false, hasOtherPasswords: true });
  expect(pamTextOf(facts)).toBeUndefined();
});
