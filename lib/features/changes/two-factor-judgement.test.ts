import { describe, expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import {
  asksCode,
  judgeTwoFactor,
  type TwoFactorJudgement,
} from "@/lib/features/changes/two-factor-judgement";
import { TwoFactorRequest } from "@/lib/features/changes/two-factor-schema";
import { key, pamWith, plainPam, readingOf, stateFile, type World } from "@/lib/testing/two-factor-world";

type Asked = Partial<TwoFactorRequest> & Pick<TwoFactorRequest, "step">;
const judge = (request: Asked, world: World = {}) =>
  judgeTwoFactor(TwoFactorRequest.parse(request), readingOf(world), []);

function judged(request: Asked, world: World = {}): TwoFactorJudgement {
  const found = judge(request, world);
  if ("refused" in found) throw new Error(found.refused);
  return found;
}
const problems = (request: Asked, world: World = {}) =>
  judged(request, world).view.problems.map(({ account, text }) => `${account}: ${text}`);
const askedOf = (request: Asked, world: World = {}) =>
  Object.fromEntries(judged(request, world).view.accounts.rows.map((row) => [row.account, row.asked]));

const required = { pam: pamWith("optional"), secrets: [stateFile("alice"), stateFile("bob")] };

describe("optional", () => {
  test("shuts nobody out who has a key, and says who is asked already", () => {
    const world = { secrets: [stateFile("alice")] };
    expect(problems({ step: "optional" }, world)).toEqual([]);
    expect(askedOf({ step: "optional" }, world)).toEqual({ alice: "code", bob: "code-later" });
    expect(judged({ step: "optional" }, world).view.proof).toEqual({ kind: "login", accounts: ["alice"] });
    expect(judged({ step: "optional" }).view.proof).toEqual({ kind: "login", accounts: ["alice", "bob"] });
  });

  test("a password is locked and no hindrance, since nobody asks for it", () => {
    const accounts = [{ name: "alice", keys: key("alice"), password: "locked" as const }];
    expect(problems({ step: "optional" }, { accounts })).toEqual([]);
  });

  test("who has no key would lose the password that let him in", () => {
    const accounts = [{ name: "alice", keys: key("alice") }, { name: "pat" }];
    expect(problems({ step: "optional" }, { accounts })).toEqual([expect.stringContaining("pat")]);
  });
});

test.each([
  "Match Address 10.0.0.0/8\n\tAuthenticationMethods publickey\n",
  "Match Address 10.0.0.0/8\n\tAuthenticationMethods publickey,keyboard-interactive publickey\n",
])("who comes in by key alone from some addresses is asked for a code from the others: %j", (config) => {
  const { view } = judged({ step: "required" }, { ...required, config });
  expect(view.accounts.rows.map(({ asked }) => asked)).toEqual(["other", "other"]);
  expect(view.accounts.rows.every(asksCode)).toBe(true);
  expect(view.proof).toEqual({ kind: "login", accounts: ["alice", "bob"] });
});

describe("required", () => {
  test("comes after optional only", () => {
    expect(judge({ step: "required" }, { secrets: required.secrets })).toMatchObject({
      refused: expect.stringContaining("optional first"),
    });
    expect(problems({ step: "required" }, required)).toEqual([]);
  });

  test.each<[string, World, RegExp]>([
    ["without a secret", { secrets: [stateFile("alice")] }, /^bob: .*no secret/],
    [
      "with a secret that others may read",
      { secrets: [stateFile("alice"), stateFile("bob", { mode: "644" })] },
      /^bob: .*refuses/,
    ],
    [
      "with an empty one",
      { secrets: [stateFile("alice"), stateFile("bob", { bytes: 0, hasSecret: false, kind: null })] },
      /^bob: /,
    ],
    ["where the module is not installed", { hasModule: false }, /^null: .*not installed/],
    ["where not every secret could be read", { codes: { isCut: true } }, /^null: .*more state files/],
    [
      "where sshd's command line takes PAM away",
      {
        more: {
          sshd: {
            ...hostWith({ config: "", accounts: [] }).sshd,
            listeners: [{ args: ["-o", "UsePAM=no"], addresses: [], isSocketActivated: false }],
          },
        },
      },
      /^alice: /,
    ],
  ])("is refused %s", (_, world, problem) => {
    expect(problems({ step: "required" }, { ...required, ...world })[0]).toMatch(problem);
  });

  test("root under prohibit-password is refused, and let in by an exception", () => {
    const accounts = [
      { name: "root", keys: key("root") },
      { name: "alice", keys: key("alice") },
    ];
    const world = {
      ...required,
      accounts,
      config: "PermitRootLogin prohibit-password\n",
      secrets: [stateFile("alice"), stateFile("root")],
    };
    expect(problems({ step: "required" }, world)).toEqual([
      expect.stringMatching(/^root: .*PermitRootLogin/),
    ]);
    const exceptions = [{ account: "root", reason: "For the console room.", byName: "Ada" }];
    expect(problems({ step: "required", exceptions }, world)).toEqual([]);
    expect(judged({ step: "required", exceptions }, world).view.accounts.rows).toContainEqual(
      expect.objectContaining({ account: "root", asked: "key", exception: "For the console room. (Ada)" }),
    );
  });

  test("members of a group of security keys without such a key are refused by name", () => {
    const accounts = [
      { name: "alice", keys: key("alice"), groups: ["alice", "tokens"] },
      { name: "bob", keys: key("bob") },
    ];
    const told = problems({ step: "required", securityKeyGroups: ["tokens"] }, { ...required, accounts });
    expect(told).toEqual([expect.stringMatching(/^alice: .*security keys/)]);
  });

  test("robots come in by key alone", () => {
    const accounts = [
      { name: "alice", keys: key("alice") },
      { name: "deploy", keys: key("deploy"), groups: ["deploy", "robots"] },
    ];
    const request: Asked = { step: "required", keyOnlyGroups: ["robots"] };
    expect(problems(request, { ...required, accounts })).toEqual([]);
    expect(askedOf(request, { ...required, accounts })).toEqual({ alice: "code", deploy: "key" });
  });

  test("a person's word counts only where no login could be seen", () => {
    expect(judged({ step: "required" }, { ...required, source: "none" }).view.proof.kind).toBe("person");
    expect(judged({ step: "required" }, required).view.proof.kind).toBe("login");
  });
});

test("the way back is open to whoever took the module away, and names who loses by it", () => {
  const on = judged({ step: "optional" }, { config: "AuthenticationMethods publickey,password\n" }).texts;
  const accounts = [{ name: "alice", keys: key("alice"), password: "locked" as const }];
  const world = { accounts, config: on.content, pam: on.pamContent ?? "", hasModule: false };
  const off = judged({ step: "off" }, world);
  expect(off.view.problems).toEqual([]);
  expect(off.difference.shutOut).toEqual(["alice"]);
});

describe("both files", () => {
  test("come back byte for byte when it is turned off", () => {
    const config = "# mine\nPort 22";
    const on = judged({ step: "optional" }, { config }).texts;
    const off = judged({ step: "off" }, { config: on.content, pam: on.pamContent ?? "" });
    expect(off.texts).toMatchObject({ content: config, pamContent: plainPam });
    expect(off.view).toMatchObject({ from: "optional", step: "off", proof: { kind: "person" } });
  });

  test("only sshd's changes where PAM asks as before; and none where nothing would change", () => {
    const pam = pamWith("required");
    const { texts } = judged({ step: "required" }, { ...required, pam });
    expect(texts.pamContent).toBeNull();
    expect(judge({ step: "required" }, { ...required, pam, config: texts.content })).toMatchObject({
      refused: expect.stringContaining("Nothing would change"),
    });
  });

  test.each<[string, World, string]>([
    ["bytes that are no text", { pam: "# \0\n@include common-auth\n" }, "NUL"],
    ["secrets at a place that our line cannot name", { codes: { pattern: "/srv/otp" } }, "/srv/otp"],
    ["a PAM file that asks for nothing", { pam: "account required pam_unix.so\n" }, "asks for a password"],
  ])("are left alone with %s", (_, world, why) => {
    expect(judge({ step: "optional" }, world)).toMatchObject({ refused: expect.stringContaining(why) });
  });
});
