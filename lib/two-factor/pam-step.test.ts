import { expect, test } from "vitest";
import { parsePamFile } from "@/lib/two-factor/pam-file";
import { pamStepOf, readPamQuestions, setPamStep } from "@/lib/two-factor/pam-step";

/** As Debian 12 ships it, shortened. */
const debian = `# PAM configuration for the Secure Shell service

# Standard Un*x authentication.
@include common-auth

# Disallow non-root logins when /etc/nologin exists.
account    required     pam_nologin.so
@include common-account
session [success=ok ignore=ignore module_unknown=ignore default=bad]        pam_selinux.so close
@include common-session
@include common-password
`;

/** As Red Hat Enterprise Linux 9 ships it, shortened. */
const redHat = `#%PAM-1.0
auth       substack     password-auth
auth       include      postlogin
account    required     pam_sepermit.so
account    include      password-auth
session    include      password-auth
`;

const home = { kind: "home" } as const;
const files = [
  debian,
  redHat,
  "auth required \\\n  pam_unix.so nullok \\\n  try_first_pass\naccount required pam_unix.so",
  "auth required pam_env.so # the environment\nauth required pam_unix.so\r\n@include common-account\r\n",
  "auth required pam_google_authenticator.so\nauth required pam_unix.so",
];

test("every byte of a PAM file is kept", () => {
  for (const text of ["", "\n", "auth\\", "a\\\nb", ...files])
    expect(
      parsePamFile(text)
        .map((entry) => entry.text)
        .join(""),
    ).toBe(text);
});

test("a backslash joins lines, a comment ends one and hides a backslash", () => {
  const directives = (text: string) => parsePamFile(text).map(({ directive }) => directive);
  expect(directives("auth required \\\n pam_unix.so\n")).toEqual(["auth required pam_unix.so"]);
  expect(directives("auth required # \\\npam_unix.so\n")).toEqual(["auth required", "pam_unix.so"]);
});

test("turning codes off gives back every byte, from either step", () => {
  for (const text of files) {
    for (const step of ["optional", "required"] as const) {
      const on = setPamStep(text, step, home).text ?? "";
      expect(on).not.toBe("");
      expect(pamStepOf(on)).toBe(step);
      expect(setPamStep(on, "off", home)).toEqual({ text });
    }
  }
});

test("a step set over another one is that step set at first", () => {
  for (const text of files) {
    const optional = setPamStep(text, "optional", home).text ?? "";
    expect(setPamStep(optional, "required", home)).toEqual(setPamStep(text, "required", home));
    expect(setPamStep(optional, "optional", home)).toEqual({ text: optional });
  }
});

test("what asked for a password is put aside, the rest stays as it is", () => {
  const { text = "" } = setPamStep(debian, "required", home);
  const live = (file: string) =>
    parsePamFile(file)
      .map(({ directive }) => directive)
      .filter((directive) => directive !== "");
  expect(live(text)).toEqual(
    live(debian).map((line) =>
      line === "@include common-auth" ? "auth required pam_google_authenticator.so" : line,
    ),
  );
});

test("optional lets through who has no secret: nullok with pam_permit behind it", () => {
  const { text = "" } = setPamStep(redHat, "optional", { kind: "directory", path: "/var/lib/otp" });
  expect(text).toContain(
    "auth required pam_google_authenticator.so user=root secret=/var/lib/otp/$" +
      "{USER} nullok\nauth required pam_permit.so\n",
  );
  expect(readPamQuestions(text)).toEqual({ code: "those with a secret", asksMore: false, permits: true });
});

test("what cannot be edited safely is refused", () => {
  expect(setPamStep("account required pam_unix.so\n", "required", home).refused).toContain("No line");
  expect(
    setPamStep("auth [success=1 default=ignore] pam_access.so\nauth required pam_unix.so\n", "required", home)
      .refused,
  ).toContain("jumps");
  expect(setPamStep(debian, "required", { kind: "directory", path: "/a b" }).refused).toContain(
    "absolute path",
  );
  const torn = (setPamStep(debian, "required", home).text ?? "").replace(/^# Gatehouse: end.*\n/m, "");
  expect(setPamStep(torn, "off", home).refused).toContain("Put it back");
});

test("a stack without a line that decides is told from one that asks for a password", () => {
  expect(readPamQuestions("account required pam_unix.so\nauth required pam_env.so\n")).toBeUndefined();
  expect(readPamQuestions(debian)).toEqual({ code: "nobody", asksMore: true, permits: false });
});
