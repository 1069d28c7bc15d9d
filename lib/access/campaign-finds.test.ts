import { describe, expect, test } from "vitest";
import { answerLogin, type CaseStep, type LoginCase } from "@/lib/access/testing/corpus";
import { type BuildId, buildById } from "@/lib/sshd-config/build";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

// What campaigns of generated worlds found (e2e/access-worlds): each answer here was that of a real sshd.

const loaded = loadLoginWorld();
const now = Date.UTC(2026, 6, 1) / 1000;
const key: CaseStep = { m: "publickey", key: "k1" };
const certificate: CaseStep = { m: "publickey", key: "k1", cert: "c_alice" };

function resultOf(
  config: string,
  steps: CaseStep | readonly CaseStep[],
  {
    user = "alice",
    build = "deb12-9.2p1" as BuildId,
    world = loaded,
    pam = undefined as string | undefined,
  } = {},
) {
  const known = buildById(build);
  if (!known) throw new Error(`There is no build ${build}.`);
  const home = user === "root" ? "/root" : `/home/${user}`;
  const files: LoginCase["files"] = {
    [`${home}/.ssh`]: { dir: true, mode: "700" },
    [`${home}/.ssh/authorized_keys`]: { text: "@@k1.pub@@\n", mode: "600" },
    "/etc/ssh/ca": "@@ca1.pub@@\n",
    ...(pam !== undefined && { "/etc/pam.d/sshd": pam }),
  };
  const question: LoginCase = { id: "1", config, files, attempts: [{ user, steps: [steps].flat() }] };
  return answerLogin(question, known, world, now).attempts[0]?.result;
}

const builds = ["deb11-8.4p1", "deb12-9.2p1", "deb13-10.0p1", "debsid-10.6p1"] as const;

test.each(builds)("RevokedKeys none in a Match block is a file that is not there: %s", (build) => {
  expect(resultOf("RevokedKeys none\n", key, { build })).toBe("success");
  expect(resultOf("Match User alice\nRevokedKeys none\n", key, { build })).toBe("denied");
});

test("AuthorizedPrincipalsFile none in a Match block still asks for a principal, up to 10.5", () => {
  const trusted = "TrustedUserCAKeys /etc/ssh/ca\n";
  const inMatch = `${trusted}Match User alice\nAuthorizedPrincipalsFile none\n`;
  expect(resultOf(`${trusted}AuthorizedPrincipalsFile none\n`, certificate)).toBe("success");
  expect(resultOf(inMatch, certificate)).toBe("denied");
  expect(resultOf(inMatch, certificate, { build: "debsid-10.6p1" })).toBe("success");
});

test.each(builds)("AuthorizedPrincipalsCommand none asks for principals that nobody gives: %s", (build) => {
  const trusted = "TrustedUserCAKeys /etc/ssh/ca\n";
  expect(resultOf(trusted, certificate, { build })).toBe("success");
  expect(resultOf(`${trusted}AuthorizedPrincipalsCommand none\n`, certificate, { build })).toBe("denied");
});

test("PAM refuses root's account before it counts that the key has no command", () => {
  const config = "UsePAM yes\nPermitRootLogin forced-commands-only\n";
  const accounts = loaded.accounts.map((account) =>
    account.name === "root" ? { ...account, expiresOnDay: 1000 } : account,
  );
  expect(resultOf(config, key, { user: "root" })).toBe("closed-after-success");
  expect(resultOf(config, key, { user: "root", world: { ...loaded, accounts } })).toBe("closed");
});

test("root's login is cut for a root directory that is not there, since 9.8", () => {
  const config = "ChrootDirectory /srv/none\n";
  expect(resultOf(config, key, { user: "root", build: "deb12-9.2p1" })).toBe("success");
  expect(resultOf(config, key, { user: "root", build: "deb13-10.0p1" })).toBe("closed-after-success");
});

test.each([
  // On the last of the days that it may be old, and with the days after which the account is shut.
  { days: 10, inactive: 0, old: "success", since10: "closed" },
  { days: 10, inactive: 1, old: "success", since10: "success" },
  { days: 9, inactive: 1, old: "success", since10: "closed" },
  { days: 9, inactive: 0, old: "closed", since10: "closed" },
])("the last day of a password counts as one day less since Linux-PAM 1.6: $days + $inactive", (age) => {
  const accounts = loaded.accounts.map((account) => ({
    ...account,
    passwordChangedOnDay: now / 86_400 - 10,
    passwordMaxDays: age.days,
    passwordInactiveDays: age.inactive,
  }));
  const result = (build: BuildId) => resultOf("UsePAM yes\n", key, { build, world: { ...loaded, accounts } });
  expect(result("deb12-9.2p1")).toBe(age.old);
  expect(result("deb13-10.0p1")).toBe(age.since10);
});

const wrong: CaseStep = { m: "password", pw: "wrong" };
const right: CaseStep = { m: "password", pw: "correct-horse" };
const answers: CaseStep = { m: "kbdint", answers: ["correct-horse"] };
const wrongAnswer: CaseStep = { m: "kbdint", answers: ["wrong"] };

test.each(builds)(
  "a wrong password spoils the session of whoever then answers PAM's questions: %s",
  (build) => {
    const result = (...steps: CaseStep[]) => resultOf("UsePAM yes\n", steps, { build });
    expect(result(wrong, answers)).toBe("closed-after-success");
    expect(result(wrong, key)).toBe("success");
    expect(result(wrong, right)).toBe("success");
    expect(result(wrongAnswer, answers)).toBe("success");
  },
);

test("PermitEmptyPasswords makes the client's first question to sshd a wrong password", () => {
  const result = (config: string) => resultOf(`UsePAM yes\n${config}`, [{ m: "none" }, answers]);
  expect(result("")).toBe("success");
  expect(result("PermitEmptyPasswords yes\n")).toBe("closed-after-success");
});

test.each(builds)(
  "once PAM has refused the account, the second question after it ends the connection: %s",
  (build) => {
    const accounts = loaded.accounts.map((account) => ({ ...account, expiresOnDay: 1000 }));
    const asked = (times: number) =>
      resultOf("UsePAM yes\n", Array<CaseStep>(times).fill(answers), {
        build,
        world: { ...loaded, accounts },
      });
    expect(asked(2)).toBe("denied");
    expect(asked(3)).toBe("closed");
  },
);

describe("an account whose password is empty", () => {
  const accounts = loaded.accounts.map((account) => ({ ...account, password: "empty" as const }));
  const pam = "auth required pam_unix.so nullok\naccount required pam_unix.so\n";
  const world = { ...loaded, accounts };
  const result = (config: string, step: CaseStep) => resultOf(config, step, { world, pam });

  test.each([wrong, right, wrongAnswer])("is open to any text through PAM", (step) => {
    expect(result("UsePAM yes\nPermitEmptyPasswords yes\n", step)).toBe("success");
    expect(result("UsePAM yes\n", step)).toBe("denied");
    expect(result("PermitEmptyPasswords yes\n", step)).toBe("denied");
  });

  test("ends the connection where sshd refuses the account and PAM does not", () => {
    const config = "UsePAM yes\nPermitEmptyPasswords yes\nDenyUsers alice\n";
    expect(result(config, wrongAnswer)).toBe("closed");
    expect(result(config, wrong)).toBe("denied");
    expect(resultOf(config, wrongAnswer, { world, pam, user: "root" })).toBe("closed");
  });

  test("is open to any text but none where AuthenticationMethods names the password", () => {
    const config = "UsePAM yes\nPermitEmptyPasswords yes\nAuthenticationMethods password\n";
    expect(result(config, wrong)).toBe("success");
    expect(result(config, { m: "password", pw: "" })).toBe("closed");
  });
});
