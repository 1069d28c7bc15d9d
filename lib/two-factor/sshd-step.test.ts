import { expect, test } from "vitest";
import { type Build, builds } from "@/lib/sshd-config/build";
import { evaluate } from "@/lib/sshd-config/evaluate";
import { readWorld } from "@/lib/sshd-config/world";
import {
  addTwoFactor,
  hasTwoFactor,
  removeTwoFactor,
  type TwoFactorRecipe,
} from "@/lib/two-factor/sshd-step";

const recipe: TwoFactorRecipe = {
  keyOnlyAccounts: ["backup"],
  keyOnlyGroups: ["robots"],
  securityKeyGroups: ["tokens"],
};
const plain: TwoFactorRecipe = { keyOnlyAccounts: [], keyOnlyGroups: [], securityKeyGroups: [] };
const world = readWorld({
  passwd: ["gatehouse", "backup", "deploy", "sam", "alice"]
    .map((name, i) => `${name}:x:${1000 + i}:${1000 + i}::/home/${name}:/bin/sh\n`)
    .join(""),
  group: "robots:x:2000:deploy\ntokens:x:2001:sam\n",
  services: "",
  hosts: "",
});
const texts = [
  "",
  "Port 22",
  "Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\n",
  "PasswordAuthentication yes\nAuthenticationMethods publickey password\n\n# for bob\nMatch User bob\n\tX11Forwarding no\n",
  "Match all\nX11Forwarding no",
];
const codes = (build: Build) => build.release >= 804;

test("taking it out gives back every byte, on every version", () => {
  for (const build of builds)
    for (const text of texts) {
      const added = addTwoFactor(text, codes(build) ? recipe : plain, build).text ?? "";
      expect(hasTwoFactor(added)).toBe(true);
      expect(removeTwoFactor(added)).toEqual({ text });
      expect(addTwoFactor(added, plain, build)).toEqual(addTwoFactor(text, plain, build));
    }
});

test("each is asked as the recipe says, whatever stood in the file, on every version", () => {
  for (const build of builds.filter(codes))
    for (const text of texts) {
      const files = [{ path: "/etc/ssh/sshd_config", text: addTwoFactor(text, recipe, build).text ?? "" }];
      const methods = (user: string) =>
        evaluate(files, { user }, build, world)
          .settings?.filter((one) => one.keyword.toLowerCase() === "authenticationmethods")
          .map(({ value }) => value);
      expect(methods("alice")).toEqual(["publickey,keyboard-interactive"]);
      for (const user of ["gatehouse", "backup", "deploy", "sam"])
        expect(methods(user)).toEqual(["publickey"]);
    }
});

test("people with security keys may use no other key, and must verify themselves", () => {
  for (const build of builds.filter(codes)) {
    const files = [{ path: "/etc/ssh/sshd_config", text: addTwoFactor("", recipe, build).text ?? "" }];
    const of = (user: string, pattern: RegExp) =>
      evaluate(files, { user }, build, world).settings?.find((one) => pattern.test(one.keyword.toLowerCase()))
        ?.value;
    expect(of("sam", /^pubkeyaccepted/)).toMatch(/^sk-[^,]*(,sk-[^,]*)*$/);
    expect(of("sam", /^pubkeyauthoptions$/)).toBe("verify-required");
    expect(of("alice", /^pubkeyaccepted/)).toContain("ssh-ed25519");
    expect(of("alice", /^pubkeyauthoptions$/)).not.toContain("verify-required");
  }
});

test("who is let in by any key is held to no security key, whatever groups he is in", () => {
  const both = readWorld({
    passwd: ["gatehouse", "backup", "deploy", "sam"]
      .map((name, i) => `${name}:x:${1000 + i}:${1000 + i}::/home/${name}:/bin/sh\n`)
      .join(""),
    group: "robots:x:2000:deploy\ntokens:x:2001:sam,gatehouse,backup,deploy\n",
    services: "",
    hosts: "",
  });
  for (const build of builds.filter(codes)) {
    const files = [{ path: "/etc/ssh/sshd_config", text: addTwoFactor("", recipe, build).text ?? "" }];
    const of = (user: string, pattern: RegExp) =>
      evaluate(files, { user }, build, both).settings?.find((one) => pattern.test(one.keyword.toLowerCase()))
        ?.value;
    for (const user of ["gatehouse", "backup", "deploy"]) {
      expect(of(user, /^authenticationmethods$/)).toBe("publickey");
      expect(of(user, /^pubkeyaccepted/)).toContain("ssh-ed25519");
      expect(of(user, /^pubkeyauthoptions$/)).not.toContain("verify-required");
    }
    expect(of("sam", /^pubkeyauthoptions$/)).toBe("verify-required");
  }
});

test("an older Match block of somebody else does not undo it", () => {
  const text =
    "Match User alice\n\tAuthenticationMethods publickey\nMatch User gatehouse\n\tAuthenticationMethods publickey,password\n";
  for (const build of builds.filter(codes)) {
    const files = [{ path: "/etc/ssh/sshd_config", text: addTwoFactor(text, recipe, build).text ?? "" }];
    const methods = (user: string) =>
      evaluate(files, { user }, build, world).settings?.find(
        (one) => one.keyword.toLowerCase() === "authenticationmethods",
      )?.value;
    expect(methods("gatehouse")).toBe("publickey");
    // An exception that somebody wrote stays one; the readiness of the host is judged by what is in force.
    expect(methods("alice")).toBe("publickey");
  }
});

test("before 8.4 no security key can be made to verify, so it is refused", () => {
  const old = builds.find(({ release }) => release < 804);
  expect(old && addTwoFactor("", recipe, old).refused).toContain("needs 8.4");
});

test("a line that sshd refuses beside a list is told, not left to fail on the host", () => {
  for (const build of builds)
    expect(addTwoFactor("AuthenticationMethods any\n", plain, build).refused).toContain("Line 1");
});

test("a name that sshd would read as a pattern is refused, and so is a block that was torn", () => {
  const build = builds[3];
  if (!build) throw new Error("no build");
  for (const name of ["a*", "a b", "!a", "a,b", "", "-x"])
    expect(addTwoFactor("", { ...plain, keyOnlyAccounts: [name] }, build).refused).toContain("Match line");
  const torn = (addTwoFactor("", plain, build).text ?? "").replace(/^# Gatehouse: end of who.*\n/m, "");
  expect(removeTwoFactor(torn).refused).toContain("Put it back");
});
