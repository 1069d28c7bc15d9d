import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { encodeTotpSecret, secretBytes, totpCode } from "@/lib/otp/totp";
import { type BuildId, buildById } from "@/lib/sshd-config/build";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";
import { type PamStep, setPamStep } from "@/lib/two-factor/pam-step";
import { findTwoFactorProblems, type TwoFactorAccount } from "@/lib/two-factor/problems";
import { addTwoFactor, type TwoFactorRecipe } from "@/lib/two-factor/sshd-step";
import { type AppliedChange, ManagedHost, mainConfig, pamFile, shortDeadlines } from "./managed-host";

interface Kind {
  readonly tree: Tree;
  readonly build: BuildId;
}

/** The oldest one, where the most is different; all of them with GATEHOUSE_FULL_MATRIX=1. */
const oldest: Kind = { tree: "bullseye", build: "deb11-8.4p1" };
const others: readonly Kind[] = [
  { tree: "bookworm", build: "deb12-9.2p1" },
  { tree: "trixie", build: "deb13-10.0p1" },
];
const kinds = process.env.GATEHOUSE_FULL_MATRIX ? [oldest, ...others] : [oldest];

const home = { kind: "home" } as const;
const secret = encodeTotpSecret(new Uint8Array(secretBytes).fill(7));
const plain: TwoFactorRecipe = { keyOnlyAccounts: [], keyOnlyGroups: [], securityKeyGroups: [] };
const mixed: TwoFactorRecipe = {
  keyOnlyAccounts: [],
  keyOnlyGroups: ["robots"],
  securityKeyGroups: ["tokens"],
};

/** What google-authenticator writes; without DISALLOW_REUSE, since tests log in twice within half a minute. */
const stateFile = `${secret}\n" WINDOW_SIZE 17\n" TOTP_AUTH\n69000714\n`;
const now = () => Math.floor(Date.now() / 1000);
const rightCode = () => totpCode(secret, now());

/** Six digits that are right at no moment within the window, nor for a while after it. */
function wrongCode(): string {
  const near = new Set(Array.from({ length: 61 }, (_, step) => totpCode(secret, now() + (step - 30) * 30)));
  for (let code = 0; ; code++) if (!near.has(`${code}`.padStart(6, "0"))) return `${code}`.padStart(6, "0");
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

describe.each(kinds)("a second factor on $tree, by real ssh at the prompt", ({ tree, build: id }) => {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-sk-"));
  const token = SoftSecurityKey.generate("ed25519", "ssh:");
  const build = buildById(id);
  if (!build) throw new Error(`There is no build ${id}.`);
  let managed: ManagedHost;
  let config: string;
  let pam: string;
  /** Applied by a test and not decided. */
  let open: AppliedChange | undefined;

  beforeAll(async () => {
    const host = await lab.start(tree);
    // Failed logins are what is tried here: the punishment for them is not.
    if (tree === "trixie") await host.write("/etc/ssh/sshd_config.d/50-lab.conf", "PerSourcePenalties no\n");
    const { code, stderr } = await host.exec(`
      for group in tokens robots; do groupadd $group; done
      for person in sam:tokens deploy:robots; do
        name=\${person%:*}
        useradd -m -s /bin/bash -G "\${person#*:}" $name
        install -d -m 700 -o $name -g $name /home/$name/.ssh
        cp /home/alice/.ssh/authorized_keys /home/$name/.ssh/ && chown $name:$name /home/$name/.ssh/authorized_keys
      done
      install -d -m 700 /root/.ssh && cp /home/alice/.ssh/authorized_keys /root/.ssh/ && chown root:root /root/.ssh/authorized_keys`);
    if (code !== 0) throw new Error(stderr);
    await host.exec(`printf '%s\\n' '${token.line}' >>/home/sam/.ssh/authorized_keys`);
    await host.write("/home/alice/.google_authenticator", stateFile, "400");
    await host.write("/root/.google_authenticator", stateFile, "400");
    await host.exec("chown alice:alice /home/alice/.google_authenticator");
    managed = await new ManagedHost(lab, host).installed([shortDeadlines]);
    await host.exec("service ssh restart");
    config = await host.read(mainConfig);
    pam = await host.read(pamFile);
    writeFileSync(path.join(folder, "token.pub"), `${token.line}\n`);
  });
  afterEach(async () => {
    if (open) await managed.ask("cancel", { id: open.id });
    open = undefined;
  });
  afterAll(async () => {
    managed?.forget();
    await managed?.host.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const accounts: Record<string, TwoFactorAccount> = Object.fromEntries(
    (
      [
        ["gatehouse", 999, [], "none", false],
        ["alice", 1001, [], "good", false],
        ["bob", 1002, [], "none", false],
        ["sam", 1003, ["tokens"], "none", true],
        ["deploy", 1004, ["robots"], "none", false],
        ["root", 0, [], "good", false],
      ] as const
    ).map(([name, uid, groups, state, hasSecurityKey]) => [
      name,
      { name, uid, groups: [name, ...groups], secret: state, hasSecurityKey },
    ]),
  );

  /** Both new texts, and what is foretold of them. */
  function draft(step: PamStep, recipe: TwoFactorRecipe, edit = (text: string) => text) {
    const text = edit(addTwoFactor(config, recipe, build ?? never()).text ?? never());
    const newPam = setPamStep(pam, step, home).text ?? never();
    const foretell = (...names: string[]) =>
      findTwoFactorProblems({
        files: [{ path: mainConfig, text }],
        pam: newPam,
        build: build ?? never(),
        hasModule: true,
        accounts: names.map((name) => accounts[name] ?? never()),
      }).map(({ code, account }) => `${code}: ${account}`);
    return { text, pam: newPam, foretell };
  }

  async function apply(texts: { text: string; pam: string }, override: 0 | 1 = 0): Promise<AppliedChange> {
    const change = await managed.apply(texts.text, { pam: texts.pam, deadline: 120, override });
    expect(change.answer.message).toBe("");
    open = change;
    return change;
  }

  const withCode = async (user: string, code: string) =>
    (await managed.host.login(user, { key: lab.keyPath, password: code })).ok;
  const byKey = async (user: string) => (await managed.host.login(user)).ok;
  async function byToken(flags: number): Promise<boolean> {
    const agent = await startSecurityKeyAgent(token, flags);
    try {
      const key = path.join(folder, "token");
      return (await managed.host.login("sam", { key, agent: agent.socket })).ok;
    } finally {
      await agent.close();
    }
  }

  test("optional asks who has a secret, and lets in by key who has none", async () => {
    const texts = draft("optional", plain);
    expect(texts.foretell("gatehouse", "alice", "bob", "deploy")).toEqual([]);
    await apply(texts);
    expect(await withCode("alice", rightCode())).toBe(true);
    expect(await withCode("alice", wrongCode())).toBe(false);
    expect(await byKey("alice")).toBe(false);
    expect(await withCode("bob", "no question is asked")).toBe(true);
    expect((await managed.host.login("bob", { password: "bob-pw" })).ok).toBe(false);
  });

  test("required asks everybody, the mixed recipe each for what he has, and Gatehouse keeps it by key", async () => {
    const texts = draft("required", mixed);
    expect(texts.foretell("gatehouse", "alice", "sam", "deploy")).toEqual([]);
    expect(texts.foretell("bob")).toEqual(["shut-out: bob"]);
    const change = await apply(texts);
    expect(await withCode("alice", rightCode())).toBe(true);
    expect(await withCode("alice", wrongCode())).toBe(false);
    expect(await withCode("bob", rightCode())).toBe(false);
    expect(await byToken(5), "verified by PIN").toBe(true);
    expect(await byToken(1), "only touched").toBe(false);
    expect(await byKey("sam"), "by a key that is no security key").toBe(false);
    expect(await byKey("deploy")).toBe(true);
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    open = undefined;

    const back = await managed.apply(config, { pam });
    expect(back.answer.message).toBe("");
    expect(await managed.confirm(back)).toMatchObject({ message: "" });
    expect(await managed.host.read(pamFile)).toBe(pam);
    expect(await byKey("alice")).toBe(true);
  });

  test("root under prohibit-password is foretold to be shut out, and is", async () => {
    const texts = draft("required", plain, (text) => `PermitRootLogin prohibit-password\n${text}`);
    expect(texts.foretell("root")).toEqual(["shut-out: root"]);
    const change = await apply(texts);
    expect(await withCode("root", rightCode())).toBe(false);
    expect(await byKey("root")).toBe(false);
    await managed.ask("cancel", { id: change.id });
    const asked = draft("required", plain, (text) => `PermitRootLogin yes\n${text}`);
    expect(asked.foretell("root")).toEqual([]);
    await apply(asked);
    expect(await withCode("root", rightCode())).toBe(true);
  });

  test("a secret that others can read is foretold to shut out, and does, in both steps", async () => {
    const broken = { ...(accounts.alice ?? never()), secret: "broken" } as const;
    await managed.host.exec("chmod 644 /home/alice/.google_authenticator");
    for (const step of ["optional", "required"] as const) {
      const texts = draft(step, plain);
      const files = [{ path: mainConfig, text: texts.text }];
      const draftOf = { files, pam: texts.pam, build, hasModule: true, accounts: [broken] };
      expect(findTwoFactorProblems(draftOf).map(({ code }) => code)).toEqual(["shut-out"]);
      const change = await apply(texts);
      expect(await withCode("alice", rightCode())).toBe(false);
      await managed.ask("cancel", { id: change.id });
      open = undefined;
    }
    await managed.host.exec("chmod 400 /home/alice/.google_authenticator");
  });

  test("asking Gatehouse itself for a code is foretold, refused, and undone where it was forced", async () => {
    const texts = draft("required", plain, (text) =>
      text.replace("Match User gatehouse\n", "Match User nobody\n"),
    );
    expect(texts.foretell("gatehouse")).toEqual(["gatehouse-asked-for-code: gatehouse"]);
    const refused = await managed.apply(texts.text, { pam: texts.pam });
    expect(refused.answer.error).toBe("locks-us-out");
    const forced = await managed.apply(texts.text, { pam: texts.pam, override: 1, deadline: 5 });
    expect(forced.answer.message).toBe("");
    expect(await managed.waitForEnd(60)).toBe("rolled-back");
    expect(await managed.host.read(pamFile)).toBe(pam);
    expect(await byKey("alice")).toBe(true);
  });

  test("ChallengeResponseAuthentication no is foretold to shut out where it does, and refused by sshd where not", async () => {
    const texts = draft("required", plain, (text) =>
      text
        .replace(/^ChallengeResponseAuthentication yes\n/m, "")
        .replace(
          /^KbdInteractiveAuthentication yes\n/m,
          "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n",
        ),
    );
    expect(texts.foretell("alice")).toHaveLength(1);
    if (build.release < 807) {
      expect(texts.foretell("alice")).toEqual(["shut-out: alice"]);
      await apply(texts);
      expect(await withCode("alice", rightCode())).toBe(false);
      return;
    }
    const { answer } = await managed.apply(texts.text, { pam: texts.pam });
    expect(answer.error).toBe("check-failed");
  });

  test("UsePAM no is foretold to shut out, and refused", async () => {
    const texts = draft("required", plain, (text) => text.replace("UsePAM yes", "UsePAM no"));
    expect(texts.foretell("alice")).toHaveLength(1);
    expect((await managed.apply(texts.text, { pam: texts.pam })).answer.error).toBe("check-failed");
  });
});

function never(): never {
  throw new Error("The test's own texts could not be made.");
}
