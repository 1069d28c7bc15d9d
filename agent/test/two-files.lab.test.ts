import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import type { Init, Tree } from "@/e2e/lab/tree";
import { addMarker } from "@/lib/change/marker";
import { setPamStep } from "@/lib/two-factor/pam-step";
import {
  inShell,
  ManagedHost,
  mainConfig,
  newId,
  pamFile,
  type Shell,
  sha256,
  shortDeadlines,
} from "./managed-host";

interface Kind {
  readonly tree: Tree;
  readonly init: Init;
  readonly shell: Shell;
}

const one: Kind = { tree: "bookworm", init: "none", shell: "dash" };
const others: readonly Kind[] = [
  { tree: "bullseye", init: "none", shell: "bash" },
  { tree: "trixie", init: "none", shell: "busybox" },
];
const kinds = process.env.GATEHOUSE_FULL_MATRIX ? [one, ...others] : [one];

const module = "auth required pam_google_authenticator.so";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

describe.each(kinds)("sshd_config and its PAM file together, on $tree in $shell", ({ tree, init, shell }) => {
  let managed: ManagedHost;
  let config: string;
  let pam: string;

  beforeAll(async () => {
    const host = await lab.start(tree, { init });
    if (shell === "busybox") await host.exec("mkdir /opt/busybox && busybox --install -s /opt/busybox");
    managed = await new ManagedHost(lab, host).installed([...inShell(shell), shortDeadlines]);
    config = await host.read(mainConfig);
    pam = await host.read(pamFile);
  });
  afterAll(async () => {
    managed?.forget();
    await managed?.host.stop();
  });

  const withModule = () => pam.replace("@include common-auth", module);
  const strays = async () => (await managed.host.exec("find /etc/ssh /etc/pam.d -name '.gatehouse*'")).stdout;

  test("are undone together, byte for byte, owner, mode and inode", async () => {
    // New files, or the lab's overlay would give them other inodes with their first change.
    await managed.host.exec(
      `for f in ${mainConfig} ${pamFile}; do cp -p $f $f.new && mv $f.new $f; done; chmod 640 ${pamFile}`,
    );
    const images = () => Promise.all([mainConfig, pamFile].map((file) => managed.imageOf(file)));
    const before = await images();

    const change = await managed.apply(`AllowUsers nobody\n${config}`, {
      pam: withModule(),
      override: 1,
      deadline: 8,
    });
    expect(change.answer.message).toBe("");
    expect(await managed.host.read(pamFile)).toBe(withModule());
    expect(await managed.imageOf(pamFile)).toMatch(/^0:0 640 /);

    expect(await managed.waitForEnd()).toBe("rolled-back");
    expect(await images()).toEqual(before);
    expect(await strays()).toBe("");
    await managed.host.exec(`chmod 644 ${pamFile}`);
    const status = await managed.ask("status", { id: change.id });
    expect(status.headers).toMatchObject({ verdict: "rolled-back", restored: "1" });
  });

  test("are kept together, told in one line of the history, and each has its read-only original", async () => {
    const change = await managed.apply(config, { pam: withModule() });
    expect(change.answer.message).toBe("");
    const again = await managed.apply(config, {
      id: change.id,
      pam: withModule(),
      base: sha256(config),
      pamBase: sha256(pam),
    });
    expect(again.answer.headers.nonce).toBe(change.answer.headers.nonce);
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    expect(await managed.waitForEnd()).toBe("confirmed");

    expect(await managed.host.read(mainConfig)).toBe(change.content);
    expect(await managed.host.read(pamFile)).toBe(withModule());
    expect(await strays()).toBe("");
    const history = await managed.host.exec(`grep ' ${change.id} ' /var/lib/gatehouse/history`);
    expect(history.stdout.split("\n")).toHaveLength(2);
    expect(history.stdout).toContain(` and ${pamFile} before=${sha256(pam)} after=${sha256(withModule())} `);
    const read = await managed.ask("read-pam");
    expect(read.headers).toMatchObject({
      path: pamFile,
      sha256: sha256(withModule()),
      original: sha256(pam),
      module: "present",
    });
    expect(read.body.toString()).toBe(withModule());

    const back = await managed.apply(config, { pam });
    expect(back.answer.message).toBe("");
    expect(await managed.confirm(back)).toMatchObject({ message: "" });
    expect(await managed.host.read(pamFile)).toBe(pam);
    const older = await managed.ask("status", { id: change.id });
    expect(older.headers).toMatchObject({ verdict: "confirmed", reason: "" });
  });

  test("of which one was edited meanwhile are both undone, and the edit is kept aside", async () => {
    const base = await managed.host.read(mainConfig);
    const change = await managed.apply(config, { pam: withModule(), deadline: 20 });
    expect(change.answer.message).toBe("");
    await managed.host.write(pamFile, `${pam}# by hand\n`);
    expect((await managed.confirm(change)).error).toBe("file-changed");
    expect((await managed.ask("cancel", { id: change.id })).headers.state).toBe("rolled-back");

    expect(await managed.host.read(mainConfig)).toBe(base);
    expect(await managed.host.read(pamFile)).toBe(pam);
    expect(await managed.host.read(`/var/lib/gatehouse/kept/${change.id}.2.edited`)).toBe(
      `${pam}# by hand\n`,
    );
  });

  test("are undone together when the power goes before they are kept", async () => {
    const base = await managed.host.read(mainConfig);
    const change = await managed.apply(`AllowUsers nobody\n${config}`, {
      pam: withModule(),
      override: 1,
      deadline: 600,
    });
    expect(change.answer.message).toBe("");
    await managed.host.powerCut();
    await managed.host.boot();

    expect(await managed.waitForEnd()).toBe("rolled-back");
    expect(await managed.host.read(mainConfig)).toBe(base);
    expect(await managed.host.read(pamFile)).toBe(pam);
    expect((await managed.host.login("alice")).ok).toBe(true);
    expect(await strays()).toBe("");
  });

  test.each([
    [
      "an account line that goes",
      (text: string) => text.replace(/^account.*\n/m, ""),
      "refused",
      "other lines differ",
    ],
    [
      "a program",
      (text: string) => `auth optional pam_exec.so /tmp/x\n${text}`,
      "refused",
      "pam_exec.so /tmp/x",
    ],
    [
      "a way past everything",
      (text: string) => `auth sufficient pam_permit.so\n${text}`,
      "refused",
      "pam_permit",
    ],
    [
      "nothing that asks",
      (text: string) => text.replace("@include common-auth", ""),
      "check-failed",
      "/etc/pam.d/other",
    ],
    [
      "nullok alone",
      (text: string) => text.replace("@include common-auth", `${module} nullok`),
      "check-failed",
      "pam_permit",
    ],
  ] as const)("are refused with %s, and nothing is touched", async (_, edit, code, word) => {
    const { answer } = await managed.apply(config, { pam: edit(pam) });
    expect(answer).toMatchObject({ error: code });
    expect(answer.message).toContain(word);
    expect(await managed.host.read(pamFile)).toBe(pam);
    expect(await strays()).toBe("");
  });

  test("are refused while the PAM file is another than the change was made from", async () => {
    const { answer } = await managed.apply(config, { pam: withModule(), pamBase: sha256("another") });
    expect(answer.error).toBe("conflict");
  });

  test("are refused without the module on the host", async () => {
    const found = await managed.host.exec("find / -xdev -name pam_google_authenticator.so");
    const file = found.stdout.trim();
    await managed.host.exec(`mv ${file} ${file}.away`);
    const { answer } = await managed.apply(config, { pam: withModule() });
    await managed.host.exec(`mv ${file}.away ${file}`);
    expect(answer).toMatchObject({ error: "check-failed" });
    expect(answer.message).toContain("not installed");
  });

  test("are refused without UsePAM", async () => {
    const { answer } = await managed.apply(config.replace(/^UsePAM yes/m, "UsePAM no"), {
      pam: withModule(),
    });
    expect(answer).toMatchObject({ error: "check-failed" });
    expect(answer.message).toContain("UsePAM");
  });

  test("that let through who has no code ask everybody for a key, in every block, also later", async () => {
    const open = pam.replace("@include common-auth", `${module} nullok\nauth required pam_permit.so`);
    const methods = "AuthenticationMethods publickey,keyboard-interactive";
    const answering = "KbdInteractiveAuthentication yes\nChallengeResponseAuthentication yes\n";
    const exempt = "Match User gatehouse\n  AuthenticationMethods publickey\n";
    for (const text of [
      config,
      `${methods} keyboard-interactive\n${answering}${config}${exempt}`,
      `${methods}\n${answering}${config}${exempt}Match User bob\n  AuthenticationMethods password\n`,
    ]) {
      const { answer } = await managed.apply(text, { pam: open });
      expect(answer.message).toContain("asked for nothing at all");
      expect(answer.error).toBe("refused");
    }
    const change = await managed.apply(`${methods}\n${answering}${config}${exempt}`, { pam: open });
    expect(change.answer.message).toBe("");
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    const later = await managed.apply(config);
    expect(later.answer).toMatchObject({ error: "refused" });
    const back = await managed.apply(config, { pam });
    expect(back.answer.message).toBe("");
    expect(await managed.confirm(back)).toMatchObject({ message: "" });
  });

  test("that by our lines ask for a code alone ask everybody for a key, also later", async () => {
    const answering = "KbdInteractiveAuthentication yes\nChallengeResponseAuthentication yes\n";
    const exempt = "Match User gatehouse\n  AuthenticationMethods publickey\n";
    const asking = `AuthenticationMethods publickey,keyboard-interactive\n${answering}${config}${exempt}`;
    const ours = setPamStep(pam, "required", { kind: "home" }).text ?? "";
    const open = await managed.apply(config, { pam: ours });
    expect(open.answer).toMatchObject({ error: "refused" });
    const change = await managed.apply(asking, { pam: ours });
    expect(change.answer.message).toBe("");
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    const later = await managed.apply(config);
    expect(later.answer).toMatchObject({ error: "refused" });
    expect(later.answer.message).toContain("asks for no key");
    const back = await managed.apply(config, { pam });
    expect(back.answer.message).toBe("");
    expect(await managed.confirm(back)).toMatchObject({ message: "" });
  });

  test("are both named in the request or it is refused", async () => {
    const id = newId();
    const body = addMarker(config, id);
    const headers = {
      id,
      file: sha256(mainConfig),
      base: sha256(await managed.host.read(mainConfig)),
      deadline: 30,
    };
    const alone = await managed.ask("apply", { ...headers, "pam.base": sha256(pam) }, { body });
    expect(alone.error).toBe("protocol");
    const tooLong = { ...headers, "pam.base": sha256(pam), "pam.bytes": Buffer.byteLength(body) };
    expect((await managed.ask("apply", tooLong, { body })).error).toBe("protocol");
  });
});
