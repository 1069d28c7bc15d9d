import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import type { TwoFactorRecipe } from "@/lib/two-factor/sshd-step";
import { mainConfig, pamFile } from "./managed-host";
import { accountOf, type Kind, rightCode, TwoFactorHost, wrongCode } from "./two-factor-host";

/** The oldest one, where the most is different; all of them with GATEHOUSE_FULL_MATRIX=1. */
const oldest: Kind = { tree: "bullseye", build: "deb11-8.4p1" };
const others: readonly Kind[] = [
  { tree: "bookworm", build: "deb12-9.2p1" },
  { tree: "trixie", build: "deb13-10.0p1" },
];
const kinds = process.env.GATEHOUSE_FULL_MATRIX ? [oldest, ...others] : [oldest];

const plain: TwoFactorRecipe = { keyOnlyAccounts: [], keyOnlyGroups: [], securityKeyGroups: [] };
const mixed: TwoFactorRecipe = { ...plain, keyOnlyGroups: ["robots"], securityKeyGroups: ["tokens"] };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

describe.each(kinds)("a second factor on $tree, by real ssh at the prompt", (kind) => {
  let host: TwoFactorHost;

  beforeAll(async () => {
    host = await TwoFactorHost.start(lab, kind);
  });
  afterEach(() => host?.cancel());
  afterAll(() => host?.stop());

  test("optional asks who has a secret, and lets in by key who has none", async () => {
    const texts = host.draft("optional", plain);
    expect(texts.foretell("gatehouse", "alice", "bob", "deploy")).toEqual([]);
    await host.apply(texts);
    expect(await host.withCode("alice", rightCode())).toBe(true);
    expect(await host.withCode("alice", wrongCode())).toBe(false);
    expect(await host.byKey("alice")).toBe(false);
    expect(await host.withCode("bob", "no question is asked")).toBe(true);
    expect((await host.managed.host.login("bob", { password: "bob-pw" })).ok).toBe(false);
  });

  test("required asks everybody, the mixed recipe each for what he has, and Gatehouse keeps it by key", async () => {
    const { managed } = host;
    const texts = host.draft("required", mixed);
    expect(texts.foretell("gatehouse", "alice", "sam", "deploy")).toEqual([]);
    expect(texts.foretell("bob")).toEqual(["shut-out: bob"]);
    const change = await host.apply(texts);
    expect(await host.withCode("alice", rightCode())).toBe(true);
    expect(await host.withCode("alice", wrongCode())).toBe(false);
    expect(await host.withCode("bob", rightCode())).toBe(false);
    expect(await host.byToken(5), "verified by PIN").toBe(true);
    expect(await host.byToken(1), "only touched").toBe(false);
    expect(await host.byKey("sam"), "by a key that is no security key").toBe(false);
    expect(await host.byKey("deploy")).toBe(true);
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    host.open = undefined;

    const back = await managed.apply(host.config, { pam: host.pam });
    expect(back.answer.message).toBe("");
    expect(await managed.confirm(back)).toMatchObject({ message: "" });
    expect(await managed.host.read(pamFile)).toBe(host.pam);
    expect(await host.byKey("alice")).toBe(true);
  });

  test("root under prohibit-password is foretold to be shut out, and is", async () => {
    const texts = host.draft("required", plain, {
      edit: (text) => `PermitRootLogin prohibit-password\n${text}`,
    });
    expect(texts.foretell("root")).toEqual(["shut-out: root"]);
    await host.apply(texts);
    expect(await host.withCode("root", rightCode())).toBe(false);
    expect(await host.byKey("root")).toBe(false);
    await host.cancel();
    const asked = host.draft("required", plain, { edit: (text) => `PermitRootLogin yes\n${text}` });
    expect(asked.foretell("root")).toEqual([]);
    await host.apply(asked);
    expect(await host.withCode("root", rightCode())).toBe(true);
  });

  test("a secret that others can read is foretold to shut out, and does, in both steps", async () => {
    const broken = { ...accountOf("alice"), secret: "broken" } as const;
    await host.managed.host.exec("chmod 644 /home/alice/.google_authenticator");
    for (const step of ["optional", "required"] as const) {
      const texts = host.draft(step, plain);
      expect(texts.foretell(broken)).toEqual(["shut-out: alice"]);
      await host.apply(texts);
      expect(await host.withCode("alice", rightCode())).toBe(false);
      await host.cancel();
    }
    await host.managed.host.exec("chmod 400 /home/alice/.google_authenticator");
  });

  test("asking Gatehouse itself for a code is foretold, refused, and undone where it was forced", async () => {
    const { managed } = host;
    const texts = host.draft("required", plain, {
      edit: (text) => text.replace("Match User gatehouse\n", "Match User nobody\n"),
    });
    expect(texts.foretell("gatehouse")).toEqual(["gatehouse-asked-for-code: gatehouse"]);
    const refused = await managed.apply(texts.text, { pam: texts.pam });
    expect(refused.answer.error).toBe("locks-us-out");
    const forced = await managed.apply(texts.text, { pam: texts.pam, override: 1, deadline: 5 });
    expect(forced.answer.message).toBe("");
    expect(await managed.waitForEnd(60)).toBe("rolled-back");
    expect(await managed.host.read(pamFile)).toBe(host.pam);
    expect(await host.byKey("alice")).toBe(true);
  });

  test.each([
    "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n",
    "KbdInteractiveAuthentication yes\nChallengeResponseAuthentication no\n",
  ])("%j is foretold to shut out where it does, and where not refused by sshd or harmless", async (lines) => {
    const texts = host.draft("required", plain, {
      edit: (text) =>
        text
          .replace(/^ChallengeResponseAuthentication yes\n/m, "")
          .replace(/^KbdInteractiveAuthentication yes\n/m, lines),
    });
    const foretold = texts.foretell("alice");
    if (host.build.release < 807) expect(foretold).toEqual(["shut-out: alice"]);
    const { answer, ...change } = await host.managed.apply(texts.text, { pam: texts.pam, deadline: 120 });
    if (answer.error) {
      expect([answer.error, foretold.length]).toEqual(["check-failed", 1]);
      return;
    }
    host.open = { ...change, answer };
    expect(await host.withCode("alice", rightCode())).toBe(foretold.length === 0);
  });

  test("UsePAM no is foretold to shut out, and refused", async () => {
    const texts = host.draft("required", plain, { edit: (text) => text.replace("UsePAM yes", "UsePAM no") });
    expect(texts.foretell("alice")).toHaveLength(1);
    expect((await host.managed.apply(texts.text, { pam: texts.pam })).answer.error).toBe("check-failed");
  });

  test("a code alone is foretold, refused, and would let in without a key", async () => {
    const texts = host.draft("required", plain, {
      edit: (text) => text.replace("publickey,keyboard-interactive", "keyboard-interactive"),
    });
    expect(texts.foretell("alice")).toEqual(["code-without-key: alice"]);
    await expect(host.apply(texts)).rejects.toThrow(/asks for no key/);
    // What is refused is true: by hand, it lets in whoever has six digits.
    const { managed } = host;
    const put = async (text: string, pam: string) => {
      await managed.host.write(mainConfig, text);
      await managed.host.write(pamFile, pam);
      await managed.host.exec("service ssh restart");
    };
    await put(texts.text, texts.pam);
    expect((await managed.host.login("alice", { password: rightCode() })).ok).toBe(true);
    await put(host.config, host.pam);
    expect((await managed.host.login("alice", { password: rightCode() })).ok).toBe(false);
  });

  const module = "auth required pam_google_authenticator.so";
  const instead = (lines: string) => (text: string) => text.replace(`${module}\n`, lines);

  test("each PAM file that shuts somebody out is foretold to, and PAM does refuse", async () => {
    await host.apply(host.draft("required", plain));
    expect(await host.withCode("alice", rightCode())).toBe(true);
    for (const [what, user, foretold, lines] of [
      ["the module alone, for who has no secret", "bob", "shut-out: bob", `${module}\n`],
      ["nullok alone, for who has no secret", "bob", "pam-refuses-everybody", `${module} nullok\n`],
      ["a password and then a code", "bob", "shut-out: bob", `@include common-auth\n${module}\n`],
      [
        "password and code in one answer",
        "bob",
        "shut-out: bob",
        `${module} forward_pass\nauth required pam_unix.so use_first_pass\n`,
      ],
      ["no line that asks", "alice", "pam-refuses-everybody", ""],
    ] as const) {
      const { pam, foretell } = host.draft("required", plain, { editPam: instead(lines) });
      expect(foretell(user), what).toEqual([foretold]);
      await host.managed.host.write(pamFile, pam);
      expect(await host.withCode(user, user === "alice" ? rightCode() : "bob-pw"), what).toBe(false);
    }
  });

  test("without the module PAM refuses everybody, which is foretold", async () => {
    const found = await host.managed.host.exec("find / -xdev -name pam_google_authenticator.so");
    const file = found.stdout.trim();
    const texts = host.draft("required", plain, { hasModule: false });
    expect(texts.foretell("alice")).toEqual(["module-missing"]);
    await host.apply(texts);
    await host.managed.host.exec(`mv ${file} ${file}.away`);
    expect(await host.withCode("alice", rightCode())).toBe(false);
    await host.managed.host.exec(`mv ${file}.away ${file}`);
    expect(await host.withCode("alice", rightCode())).toBe(true);
  });
});
