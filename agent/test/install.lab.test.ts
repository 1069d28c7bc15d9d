import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { agentText, ManagedHost, mainConfig, sha256 } from "./managed-host";

let lab: Lab;
const opened: ManagedHost[] = [];

beforeAll(async () => {
  lab = await openLab();
});
afterEach(async () => {
  for (const managed of opened.splice(0)) {
    managed.forget();
    await managed.host.stop();
  }
});
afterAll(() => lab?.close());

async function manage(...start: Parameters<Lab["start"]>): Promise<ManagedHost> {
  const managed = new ManagedHost(lab, await lab.start(...start));
  opened.push(managed);
  return managed;
}

/** Every file of the host that could be ours or changed by us, with content, owner and mode. */
async function fingerprint({ host }: ManagedHost): Promise<string> {
  const { stdout } = await host.exec(
    `for dir in /etc /usr/local /var/lib/gatehouse /var/lib/gatehouse-login /root; do
       find "$dir" -xdev -type f ! -path '*/.cache/*' -exec stat -c '%n %u:%g %a' {} + -exec sha256sum {} + 2>/dev/null
       find "$dir" -xdev ! -type f -exec stat -c '%N %u:%g %a' {} + 2>/dev/null
     done | grep -v -E '^(.* )?/etc/(passwd-|shadow-|group-|gshadow-|subuid-?|subgid-?|\\.pwd\\.lock)' | sort`,
  );
  return stdout;
}

test("installs an account that can do one thing, and tells who the host is", async () => {
  const managed = await manage("bookworm");
  const before = await managed.host.readBytes(mainConfig);
  const { code, stdout, stderr } = await managed.install();
  expect(stderr).toContain("Installed.");
  expect(code).toBe(0);

  const lines = stdout.trim().split("\n");
  expect([lines.at(0), lines.at(-1)]).toEqual(["GATEHOUSE-REPORT-BEGIN", "GATEHOUSE-REPORT-END"]);
  const report = Object.fromEntries(lines.slice(1, -1).map((line) => line.split(/=(.*)/s).slice(0, 2)));
  expect(report).toMatchObject({
    "agent.sha256": sha256(agentText()),
    protocol: "GATEHOUSE/1",
    "os.id": "debian",
    "os.version": "12",
    "sshd.unit": "none",
    "listen.1": "0.0.0.0:22",
    "listen.2": "[::]:22",
    "tx.state": "idle",
    original: "present",
  });
  expect(report["sshd.version"]).toMatch(/^OpenSSH_9\.2/);
  const hostKeys = Object.keys(report).filter((name) => name.startsWith("hostkey."));
  const words = (line: string) => line.split(" ").slice(0, 2).join(" ");
  expect(hostKeys.map((name) => report[name]).sort()).toEqual(managed.host.hostKeys.map(words).sort());

  expect(await managed.host.readBytes(mainConfig)).toEqual(before);
  expect(await managed.host.readBytes(`${mainConfig}.original`)).toEqual(before);
  const rights = await managed.host.exec(
    `stat -c '%U:%G %a' ${mainConfig}.original /etc/sudoers.d/gatehouse /usr/local/libexec/gatehouse-agent /var/lib/gatehouse
     getent shadow gatehouse | cut -d: -f2; getent passwd gatehouse | cut -d: -f6,7`,
  );
  expect(rights.stdout.trim().split("\n")).toEqual([
    "root:root 444",
    "root:root 440",
    "root:root 755",
    "root:root 700",
    "*",
    "/var/lib/gatehouse-login:/bin/sh",
  ]);
});

test("lets the account run nothing but the agent's rpc", async () => {
  const managed = await (await manage("trixie")).installed();
  const asAccount = (command: string) => managed.host.exec(`sudo -u gatehouse -- ${command}`);
  expect((await asAccount("sudo -n /usr/local/libexec/gatehouse-agent remove")).code).not.toBe(0);
  expect((await asAccount("sudo -n /usr/local/libexec/gatehouse-agent rpc x")).code).not.toBe(0);
  expect((await asAccount("sudo -n id")).code).not.toBe(0);
  expect((await asAccount("/usr/local/libexec/gatehouse-agent doctor")).stderr).toContain("Only root");
  // Whatever command the client names, the key runs the agent; and it forwards nothing.
  const { headers } = await managed.ask("hello");
  expect(headers["agent.version"]).toBeDefined();
});

test("again is an upgrade that keeps originals, history and state", async () => {
  const managed = await (await manage("bookworm")).installed();
  const change = await managed.apply(`${await managed.host.read(mainConfig)}\nMaxSessions 7\n`);
  expect(await managed.confirm(change)).toMatchObject({ error: null });
  const kept = async () =>
    (
      await managed.host.exec(
        `cat ${mainConfig}.original ${mainConfig} /var/lib/gatehouse/history; wc -l </var/lib/gatehouse-login/.ssh/authorized_keys`,
      )
    ).stdout;
  const before = await kept();
  await managed.installed([["AGENT_VERSION=1", "AGENT_VERSION=2"]]);
  expect((await managed.ask("hello")).headers["agent.version"]).toBe("2");
  expect(await kept()).toBe(before);
});

test("that fails as an upgrade leaves agent, account, key and history of the host as they were", async () => {
  const managed = await (await manage("bookworm")).installed();
  const change = await managed.apply(`${await managed.host.read(mainConfig)}\nMaxSessions 7\n`);
  expect(await managed.confirm(change)).toMatchObject({ error: null });
  // sshd has not read it, the installer's question to sshd does: all is in place by then, and is taken back.
  await managed.host.exec(`sed -i '1i AllowUsers alice bob' ${mainConfig}`);
  const before = await fingerprint(managed);
  const { code, stderr } = await managed.install([["AGENT_VERSION=1", "AGENT_VERSION=2"]]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("The host is as it was before");
  expect(await fingerprint(managed)).toBe(before);
  expect((await managed.ask("hello")).headers["agent.version"]).toBe("1");
});

test("ends the same without anybody to hear what it says", async () => {
  const managed = await manage("bookworm");
  await managed.host.write("/root/agent", agentText());
  await managed.host.write("/root/install", readFileSync(path.join(import.meta.dirname, "../install.sh")));
  const { stdout } = await managed.host.exec(
    "{ sh /root/install >/root/report; echo $? >/root/code; } 2>&1 | true; cat /root/code",
    {
      env: {
        GATEHOUSE_PUBLIC_KEY: managed.publicKey,
        GATEHOUSE_HOST_ID: "lab",
        GATEHOUSE_AGENT_FILE: "/root/agent",
        GATEHOUSE_AGENT_SHA256: sha256(agentText()),
      },
    },
  );
  expect(stdout.trim()).toBe("0");
  expect((await managed.ask("hello")).error).toBeNull();
});

test("is refused while a change is open", async () => {
  const managed = await (await manage("bookworm")).installed();
  const change = await managed.apply(`${await managed.host.read(mainConfig)}\nMaxSessions 7\n`);
  expect(change.answer.error).toBeNull();
  const { code, stderr } = await managed.install();
  expect(code).not.toBe(0);
  expect(stderr).toContain("not decided yet");
  expect((await managed.state()).state).toBe("applied");
});

test.each([
  ["AllowUsers alice bob", "AllowUsers does not name gatehouse"],
  ["DenyGroups gate*", "DenyGroups"],
  ["AuthenticationMethods publickey,password", "Match User gatehouse"],
  ["AuthorizedKeysFile /etc/ssh/everybodys_keys", "AuthorizedKeysFile"],
])(
  "fails where sshd would not let it in, says what to change, and leaves no trace: %s",
  async (line, advice) => {
    const managed = await manage("bookworm");
    await managed.host.exec(`sed -i '1i ${line}' ${mainConfig}`);
    const before = await fingerprint(managed);
    const { code, stdout, stderr } = await managed.install();
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toContain(advice);
    expect((await managed.host.exec("getent passwd gatehouse; ls -d /var/lib/gatehouse*")).stdout).toBe("");
    expect(await fingerprint(managed)).toBe(before);
  },
);

test("fails on an agent that is not the announced one, before it does anything", async () => {
  const managed = await manage("bookworm");
  const before = await fingerprint(managed);
  const { code, stderr } = await managed.install([], { GATEHOUSE_AGENT_SHA256: sha256("another") });
  expect(code).not.toBe(0);
  expect(stderr).toContain("SHA-256");
  expect(await fingerprint(managed)).toBe(before);
});

test("refuses a key that smuggles options or lines", async () => {
  const managed = await manage("bookworm");
  for (const key of [
    `${managed.publicKey}\nssh-ed25519 AAAA evil`,
    `command="id" ${managed.publicKey}`,
    "ssh-ed25519",
  ]) {
    const { code } = await managed.install([], { GATEHOUSE_PUBLIC_KEY: key });
    expect(code).not.toBe(0);
  }
});

test("takes the key to where sshd looks for it, and only from where it may come", async () => {
  const managed = await manage("bookworm");
  await managed.host.exec(
    `sed -i '1i AuthorizedKeysFile /etc/ssh/keys/%u .ssh/authorized_keys' ${mainConfig} && service ssh reload`,
  );
  expect((await managed.install([], { GATEHOUSE_FROM: "10.77.0.0/16" })).code).toBe(0);
  expect(await managed.host.read("/etc/ssh/keys/gatehouse")).toMatch(
    /^restrict,from="10\.77\.0\.0\/16",command="sudo -n /,
  );
  expect((await managed.ask("hello")).error).toBeNull();
  expect((await managed.install([], { GATEHOUSE_FROM: "192.0.2.1" })).code).toBe(0);
  await expect(managed.ask("hello")).rejects.toThrow("Permission denied");
});

test.each(["bookworm", "trixie-systemd"] as const)("uninstalls cleanly from %s", async (tree) => {
  const managed = await manage(tree);
  const text = await managed.host.read(mainConfig);
  const before = await fingerprint(managed);
  await managed.installed();
  const withoutLineEnd = text.replace(/\n$/, "");
  const change = await managed.apply(withoutLineEnd);
  expect(await managed.confirm(change)).toMatchObject({ error: null });

  expect((await managed.ask("uninstall")).message).toBe("");
  const isGone = () => managed.host.exec("test ! -e /usr/local/libexec/gatehouse-agent");
  await expect.poll(isGone, { timeout: 20_000 }).toMatchObject({ code: 0 });
  expect(await managed.host.read(mainConfig)).toBe(withoutLineEnd);
  expect((await managed.host.login("alice")).ok).toBe(true);
  // An original that differs from the file stays beside it. Both as before, nothing else is left.
  expect(await managed.host.read(`${mainConfig}.original`)).toBe(text);
  await managed.host.exec(`mv -f ${mainConfig}.original ${mainConfig} && chmod 644 ${mainConfig}`);
  expect(await fingerprint(managed)).toBe(before);
});

test.each(["bookworm", "trixie-systemd"] as const)(
  "brings openssh-server to %s that has none, and sshd runs",
  async (tree) => {
    const managed = await manage(tree, { withoutSshd: true });
    expect((await managed.host.exec("command -v sshd")).code).not.toBe(0);
    const { code, stderr } = await managed.install();
    expect(code, stderr).toBe(0);
    await managed.host.waitForSsh();
    expect((await managed.ask("hello")).error).toBeNull();
    expect((await managed.host.login("alice")).ok).toBe(true);
  },
);
