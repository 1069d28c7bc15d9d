import { expect, test } from "vitest";
import { type BuildId, buildById } from "@/lib/sshd-config/build";
import { setPamStep } from "@/lib/two-factor/pam-step";
import { findTwoFactorProblems, type TwoFactorAccount, type TwoFactorDraft } from "@/lib/two-factor/problems";
import { addTwoFactor, type TwoFactorRecipe } from "@/lib/two-factor/sshd-step";

const versions: BuildId[] = ["deb11-8.4p1", "deb12-9.2p1", "deb13-10.0p1"];
const debian = "@include common-auth\naccount required pam_nologin.so\n@include common-account\n";
const recipe: TwoFactorRecipe = { keyOnlyAccounts: [], keyOnlyGroups: [], securityKeyGroups: ["tokens"] };

const of = (name: string, more: Partial<TwoFactorAccount> = {}): TwoFactorAccount => ({
  name,
  uid: 1000,
  groups: [name],
  secret: "good",
  hasSecurityKey: false,
  ...more,
});
const gatehouse = of("gatehouse", { uid: 999, secret: "none" });

interface World {
  text?: string;
  after?: (text: string) => string;
  step?: "optional" | "required";
  pam?: (text: string) => string;
  hasModule?: boolean;
  accounts?: TwoFactorAccount[];
}

/** The codes of the problems on each version: they must be the same on all. */
function problems({ text = "", after, step = "required", pam, ...more }: World): string[] {
  const found = versions.map((id) => {
    const build = buildById(id);
    if (!build) throw new Error(id);
    const main = addTwoFactor(text, recipe, build).text ?? "";
    const file = setPamStep(debian, step, { kind: "home" }).text ?? "";
    const draft: TwoFactorDraft = {
      files: [{ path: "/etc/ssh/sshd_config", text: after ? after(main) : main }],
      pam: pam ? pam(file) : file,
      build,
      hasModule: true,
      accounts: [gatehouse, of("alice")],
      ...more,
    };
    return findTwoFactorProblems(draft).map(({ code, account }) => (account ? `${code}: ${account}` : code));
  });
  expect(new Set(found.map(String)).size).toBe(1);
  return found[0] ?? [];
}

test("what Gatehouse writes shuts nobody out who has what it takes", () => {
  const accounts = [
    gatehouse,
    of("alice"),
    of("sam", { groups: ["tokens"], secret: "none", hasSecurityKey: true }),
  ];
  expect(problems({ accounts })).toEqual([]);
  expect(problems({ accounts, step: "optional" })).toEqual([]);
  expect(problems({ step: "optional", accounts: [of("new", { secret: "none" })] })).toEqual([]);
});

test("who has no secret is shut out once codes are required", () => {
  expect(problems({ accounts: [of("new", { secret: "none" })] })).toEqual(["shut-out: new"]);
});

test("a secret file that the module refuses shuts out in both steps", () => {
  for (const step of ["optional", "required"] as const)
    expect(problems({ step, accounts: [of("bob", { secret: "broken" })] })).toEqual(["shut-out: bob"]);
});

test("root is shut out where PermitRootLogin forbids questions, and let in by key alone", () => {
  const accounts = [of("root", { uid: 0 })];
  for (const text of ["", "PermitRootLogin prohibit-password\n", "PermitRootLogin without-password\n"])
    expect(problems({ text, accounts })).toEqual(["shut-out: root"]);
  expect(problems({ text: "PermitRootLogin yes\n", accounts })).toEqual([]);
  const after = (text: string) => text.replace("Match User gatehouse", "Match User gatehouse,root");
  expect(problems({ after, accounts })).toEqual([]);
});

test("Gatehouse itself must not be asked for a code", () => {
  const after = (text: string) => text.replace("Match User gatehouse\n", "Match User nobody\n");
  expect(problems({ after })).toEqual(["gatehouse-asked-for-code: gatehouse"]);
});

test("without UsePAM nobody asks for the code", () => {
  const after = (text: string) => text.replace("UsePAM yes", "UsePAM no");
  expect(problems({ after, accounts: [of("alice")] })).toEqual([
    expect.stringMatching(/^(shut-out: alice|configuration-refused)$/),
  ]);
});

test("up to 8.6 ChallengeResponseAuthentication no shuts out, whatever KbdInteractiveAuthentication says", () => {
  const build = buildById("deb11-8.4p1");
  if (!build) throw new Error("no 8.4");
  const main = addTwoFactor("", recipe, build).text ?? "";
  for (const lines of [
    "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes",
    "KbdInteractiveAuthentication yes\nChallengeResponseAuthentication no",
  ]) {
    const text = main.replace("ChallengeResponseAuthentication yes\nKbdInteractiveAuthentication yes", lines);
    expect(text).not.toBe(main);
    const found = findTwoFactorProblems({
      files: [{ path: "/etc/ssh/sshd_config", text }],
      pam: setPamStep(debian, "required", { kind: "home" }).text ?? "",
      build,
      hasModule: true,
      accounts: [of("alice")],
    });
    expect(found.map(({ code }) => code)).toEqual(["shut-out"]);
    expect(found[0]?.text).toContain("ChallengeResponseAuthentication");
  }
});

test("a list without a key is told: a code alone, or nothing at all", () => {
  const after = (text: string) => text.replace("publickey,keyboard-interactive", "keyboard-interactive");
  expect(problems({ after, accounts: [of("alice")] })).toEqual(["code-without-key: alice"]);
  expect(problems({ after, step: "optional", accounts: [of("alice")] })).toEqual([
    "asked-for-nothing: alice",
  ]);
});

test("a PAM file that refuses everybody is told", () => {
  const accounts = [gatehouse];
  expect(problems({ accounts, hasModule: false })).toEqual(["module-missing"]);
  const nullok = (text: string) => text.replace("auth required pam_permit.so\n", "");
  expect(problems({ accounts, step: "optional", pam: nullok })).toEqual(["pam-refuses-everybody"]);
  const none = (text: string) => text.replace(/^auth .*\n/gm, "");
  expect(problems({ accounts, pam: none })).toEqual(["pam-refuses-everybody"]);
});

test("who is in the group of security keys and has none is shut out, code or not", () => {
  expect(problems({ accounts: [of("sam", { groups: ["tokens"] })] })).toEqual(["shut-out: sam"]);
});
