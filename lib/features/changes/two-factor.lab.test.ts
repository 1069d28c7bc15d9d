import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost } from "@/e2e/lab/lab";
import { keyPath, type Tree } from "@/e2e/lab/tree";
import { applyChange, keepChange, rollBackChange } from "@/lib/features/changes/commands";
import type { ChangeView } from "@/lib/features/changes/views";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { enrolLabHost } from "@/lib/testing/enrolled-host";
import {
  clearUsedCodes,
  rightCode,
  SecondFactorLab,
  type Step,
  wrongCode,
} from "@/lib/testing/second-factor-lab";
import { SoftSecurityKey } from "@/lib/testing/security-key";
import { startSecurityKeyAgent } from "@/lib/testing/security-key-agent";
import { act } from "@/lib/usecase";

// The whole way by the product's own worker, with real ssh at the prompt. `npm run test:second-factor`: on three versions,
// and what takes long.

const isFull = process.env.GATEHOUSE_FULL_MATRIX !== undefined;
const trees: readonly Tree[] = isFull ? ["bullseye", "bookworm", "trixie"] : ["bookworm"];
const main = "/etc/ssh/sshd_config";
const pam = "/etc/pam.d/sshd";
const stateFile = "/var/lib/google-authenticator/alice";

const db = await openDatabase();
let drive: SecondFactorLab;

beforeAll(async () => {
  drive = await SecondFactorLab.open(db);
});
afterAll(() => drive?.close());

describe.each(trees)("a second factor by the product, on %s", { timeout: 400_000 }, (tree) => {
  let host: LabHost;
  let hostId: string;
  let secret: string;
  /** Both files before anything was done. */
  let before: string[];

  const files = () => Promise.all([main, pam].map((path) => host.read(path)));
  const plan = (step: Step, more: object = {}) => drive.plan(hostId, step, more);
  const enter = async (user: string, code: string) =>
    (await host.login(user, { key: keyPath(), password: code })).ok;
  const problemsOf = (change: ChangeView) =>
    change.plan?.twoFactor?.problems.map(({ account }) => account).sort();

  beforeAll(async () => {
    host = await drive.lab.start(tree);
    // Failed logins are what is tried here: the punishment for them is not.
    if (tree === "trixie") await host.write("/etc/ssh/sshd_config.d/50-lab.conf", "PerSourcePenalties no\n");
    await host.exec("groupadd -f robots; usermod -aG robots bob; usermod -aG robots admin");
    await host.exec("[ ! -f /run/sshd.pid ] || kill -HUP $(cat /run/sshd.pid)");
    await host.waitForSsh();
    hostId = await enrolLabHost(db, host);
    await drive.until("it is read", async () => (await db.configFile.count({ where: { hostId } })) > 0);
    before = await files();
  });
  afterAll(async () => {
    await host?.stop();
  });

  test.runIf(isFull)(
    "nobody is sent from nothing to required; optional goes with nobody enrolled, and is undone by itself",
    async () => {
      const refused = await plan("required");
      expect(refused.state).toBe("refused");
      expect(refused.outcome).toContain("make it optional first");
      const planned = await plan("optional");
      expect(problemsOf(planned)).toEqual([]);
      expect(planned.plan?.twoFactor?.accounts.rows).toContainEqual(
        expect.objectContaining({ account: "alice", asked: "code-later", secret: "none" }),
      );
      expect(planned.pam?.content).toContain("nullok");
      await expect(
        act(applyChange, { changeId: planned.id, keepBy: "login" }, drive.ada, origin),
      ).rejects.toMatchObject({ code: "invalid" });
      const open = await drive.apply(planned, 30);
      expect(await files()).not.toEqual(before);
      // Nobody has been seen, so nobody can keep it, and the host puts both files back.
      await expect(act(keepChange, { changeId: open.id }, drive.ada, origin)).rejects.toMatchObject({
        code: "conflict",
      });
      await drive.reached(open.id, "rolled_back");
      expect(await files()).toEqual(before);
      expect((await host.login("alice")).ok).toBe(true);
    },
  );

  test("optional: who has a secret needs the code, who has none comes in by key; kept after the host saw it", async () => {
    const person = await addActor(db, "member", "Alice");
    await drive.proveKey(person, drive.lab.publicKey);
    secret = await drive.enrol(hostId, "alice", person);
    await clearUsedCodes(host, stateFile);
    const planned = await plan("optional");
    expect(planned.plan?.twoFactor).toMatchObject({
      from: "off",
      problems: [],
      proof: { kind: "login", accounts: ["alice"] },
    });
    const open = await drive.apply(planned);
    expect(await enter("alice", wrongCode(secret))).toBe(false);
    expect((await host.login("alice")).ok).toBe(false);
    // Without a secret: by key, and PAM asks nothing. That proves nothing about codes.
    expect(await enter("bob", "no question is asked")).toBe(true);
    expect((await drive.view(open.id)).canKeep).toBe(false);
    expect(await enter("alice", rightCode(secret))).toBe(true);
    const kept = await drive.seenAndKept(open);
    expect(kept.witness).toMatchObject({ account: "alice", method: "keyboard-interactive/pam" });
    expect(kept.steps.map(({ kind }) => kind)).toContain("witnessed");
  });

  test.runIf(isFull)(
    "each file that the module refuses refuses the plan, and PAM does refuse it",
    async () => {
      const script = (account: string, breaking: string) => `
      useradd -m -s /bin/bash ${account} && cp -a /home/alice/.ssh /home/${account}/ && chown -R ${account}: /home/${account}/.ssh
      f=/var/lib/google-authenticator/${account}
      sed -e '/^" DISALLOW_REUSE/d' -e '1a " DISALLOW_REUSE' ${stateFile} >$f && chmod 400 $f && ${breaking}`;
      const broken = {
        empty: ": >$f",
        foreign: "chown bob $f",
        garbled: "sed -i '1s/.*/not a secret/' $f",
        kindless: "sed -i '/TOTP_AUTH/d' $f",
        open640: "chmod 640 $f",
        open644: "chmod 644 $f",
        open660: "chmod 660 $f",
      };
      const all = Object.entries({ ...broken, whole: ":" });
      for (const [account, breaking] of all) {
        const { code, stderr } = await host.exec(script(account, breaking));
        expect(code, stderr).toBe(0);
        expect(await enter(account, rightCode(secret)), account).toBe(account === "whole");
      }
      expect(problemsOf(await plan("required"))).toEqual(["admin", "bob", ...Object.keys(broken)]);
      for (const [account] of all)
        await host.exec(`userdel -r ${account}; rm -f /var/lib/google-authenticator/${account}`);
    },
  );

  test("required is refused while somebody would be shut out; where it waits, a worker's death undoes both files", async () => {
    const lacking = await plan("required");
    expect(problemsOf(lacking)).toEqual(["admin", "bob"]);
    expect(lacking.canApply).toBe(false);
    await expect(
      act(
        applyChange,
        { changeId: lacking.id, keepBy: "person", override: { hostName: lacking.hostName } },
        drive.ada,
        origin,
      ),
    ).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("And 1 more") });

    const kept = await files();
    await drive.except(hostId, "bob", "Makes the backups at night.");
    await drive.except(hostId, "admin", "For the day that every phone is lost.");
    const planned = await plan("required");
    expect(problemsOf(planned)).toEqual([]);
    expect(planned.plan?.twoFactor?.accounts.rows).toContainEqual(
      expect.objectContaining({
        account: "bob",
        asked: "key",
        exception: "Makes the backups at night. (Ada)",
      }),
    );
    await act(
      applyChange,
      { changeId: planned.id, keepBy: "person", deadlineSeconds: 30 },
      drive.ada,
      origin,
    );
    await drive.until("the host was told", async () => (await files())[1] !== kept[1]);
    await drive.killWorker();
    await drive.until("the host has put them back", async () => (await files()).join() === kept.join());
    await drive.startWorker();
    await drive.reached(planned.id, "rolled_back");
    expect(await files()).toEqual(kept);
  });

  test.runIf(isFull)(
    "required: a secret that breaks or goes refuses it, also after the plan; then everybody is asked",
    async () => {
      await host.exec(`chmod 644 ${stateFile}`);
      expect(problemsOf(await plan("required", { keyOnlyGroups: ["robots"] }))).toEqual(["alice"]);
      await host.exec(`chmod 400 ${stateFile}`);
      // Between plan and apply the secret goes: the host is looked at once more, and nothing is told to it.
      const planned = await plan("required");
      const optional = await files();
      await host.exec(`mv ${stateFile} /root/aside`);
      await act(applyChange, { changeId: planned.id, keepBy: "person" }, drive.ada, origin);
      const late = await drive.reached(planned.id, "refused");
      expect(late.outcome).toContain("alice");
      await host.exec(`mv /root/aside ${stateFile}`);
      expect(await files()).toEqual(optional);

      await clearUsedCodes(host, stateFile);
      const open = await drive.apply(await plan("required"));
      expect(await enter("alice", wrongCode(secret))).toBe(false);
      expect((await host.login("bob")).ok).toBe(true);
      expect(await enter("alice", rightCode(secret))).toBe(true);
      await drive.seenAndKept(open);
      await host.exec(
        "useradd -m -s /bin/bash eve && cp -a /home/alice/.ssh /home/eve/ && chown -R eve: /home/eve/.ssh",
      );
      expect(await enter("eve", rightCode(secret))).toBe(false);
      await host.exec("userdel -r eve");
      const kept = await files();
      const other = await drive.apply(await plan("required", { keyOnlyGroups: ["robots"] }));
      // Only sshd's file: the PAM file stays as it is.
      expect(other.pam).toBeNull();
      expect(await files()).not.toEqual(kept);
      await act(rollBackChange, { changeId: other.id }, drive.ada, origin);
      await drive.reached(other.id, "rolled_back");
      expect(await files()).toEqual(kept);
    },
  );

  test("side by side: one by a security key with PIN, one by key and code, one robot by key; nobody by less", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-mixed-"));
    const token = SoftSecurityKey.generate("ed25519", "ssh:");
    const key = path.join(folder, "token");
    writeFileSync(`${key}.pub`, `${token.line}\n`);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, "plain")]);
    const plain = readFileSync(path.join(folder, "plain.pub"), "utf8");
    const { code, stderr } = await host.exec(`
      groupadd -f tokens && useradd -m -s /bin/bash -G tokens sam && install -d -m 700 -o sam -g sam /home/sam/.ssh
      printf '%s\\n' '${token.line}' '${plain.trim()}' >/home/sam/.ssh/authorized_keys && chown sam: /home/sam/.ssh/authorized_keys`);
    expect(code, stderr).toBe(0);
    const byToken = async (flags: number) => {
      const agent = await startSecurityKeyAgent(token, flags);
      try {
        return (await host.login("sam", { key, agent: agent.socket })).ok;
      } finally {
        await agent.close();
      }
    };
    const person = await addActor(db, "member", "Sam");
    await drive.proveKey(person, plain);
    const recipe = { securityKeyGroups: ["tokens"], keyOnlyGroups: ["robots"] };
    // Nobody has shown yet whose the security key is, and that it asks for a PIN.
    expect(problemsOf(await plan("required", recipe))).toContain("sam");
    await drive.proveKey(person, token.line, true);
    const planned = await plan("required", recipe);
    expect(planned.plan?.twoFactor?.problems).toEqual([]);
    const asked = planned.plan?.twoFactor?.accounts.rows.map((row) => [row.account, row.asked]);
    expect(Object.fromEntries(asked ?? [])).toEqual({
      ...{ alice: "code", sam: "security-key", bob: "key", admin: "key" },
    });
    await clearUsedCodes(host, stateFile);
    const open = await drive.apply(planned);

    expect(await byToken(1), "security key, touched without PIN").toBe(false);
    expect((await host.login("sam", { key: path.join(folder, "plain") })).ok, "her other key").toBe(false);
    expect((await host.login("alice")).ok, "key without code").toBe(false);
    expect(await enter("alice", wrongCode(secret)), "key with a wrong code").toBe(false);
    expect((await host.login("alice", { password: rightCode(secret) })).ok, "code without key").toBe(false);
    expect((await host.login("bob", { password: "bob-pw" })).ok, "a robot by password").toBe(false);
    expect((await host.login("bob", { password: rightCode(secret) })).ok, "a robot by code").toBe(false);
    expect(await byToken(5), "security key with PIN").toBe(true);
    expect((await host.login("bob")).ok, "a robot by key").toBe(true);
    // Neither of them came in by a code: only hers lets the change be kept.
    expect((await drive.view(open.id)).canKeep).toBe(false);
    expect(await enter("alice", rightCode(secret)), "key and code").toBe(true);
    const kept = await drive.seenAndKept(open);
    expect(kept.witness).toMatchObject({ account: "alice" });
    expect(await byToken(5)).toBe(true);
    expect((await host.login("bob")).ok).toBe(true);
    expect((await host.exec("userdel -r sam")).code).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test("off: both files are byte for byte what they were before the first step", async () => {
    const open = await drive.apply(await plan("off"));
    expect(open.plan?.twoFactor?.proof.kind).toBe("person");
    expect((await host.login("alice")).ok).toBe(true);
    await drive.keep(open.id);
    const [config = "", pamText] = await files();
    expect(pamText).toBe(before[1]);
    expect((await drive.view(open.id)).content).toBe(before[0]);
    expect(config.startsWith(before[0] ?? "none")).toBe(true);
  });
});
