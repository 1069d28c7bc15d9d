import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "./lab";
import { cachedTrees, hasSystemd, type Init, type Tree } from "./tree";

/** Every kind of host whose tree is built; on a machine without any, the smallest one is built here. */
const trees: Tree[] = cachedTrees().length > 0 ? cachedTrees() : ["bookworm"];
const kinds = trees.flatMap((tree): { tree: Tree; init: Init }[] =>
  hasSystemd(tree)
    ? [
        { tree, init: "service" },
        { tree, init: "socket" },
      ]
    : [{ tree, init: "none" }],
);

/** What makes a running sshd take its configuration anew, as an administrator would do it. */
const RELOAD: Record<Init, string> = {
  none: "pkill -HUP --oldest -x sshd",
  service: "systemctl reload ssh.service",
  // A reload under ssh.socket leaves no listener: systemd holds the port.
  socket: "systemctl restart ssh.service",
};

/** Notes at boot whether sshd runs already: once as an init script, once as a unit. */
const NOTE_EARLY = "if pgrep -x sshd; then echo after; else echo before; fi >/var/lib/early";
const EARLY_SCRIPT = `#!/bin/sh
### BEGIN INIT INFO
# Provides: early
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop:
### END INIT INFO
${NOTE_EARLY}
`;
// Without DefaultDependencies=no this unit comes after basic.target, which comes after ssh.socket: a cycle, which
// systemd breaks by leaving ssh.socket out. The host would be locked.
const EARLY_UNIT = `[Unit]
DefaultDependencies=no
After=local-fs.target
Before=ssh.service ssh.socket
[Service]
Type=oneshot
ExecStart=/bin/sh -c '${NOTE_EARLY}'
[Install]
WantedBy=multi-user.target
`;

const durations: string[] = [];

async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await act();
  durations.push(`${what.padEnd(42)} ${Math.round(performance.now() - startedAt)} ms`);
  return result;
}

afterAll(() => console.log(durations.join("\n")));

describe.each(kinds)("a host of $tree, init $init", ({ tree, init }) => {
  let lab: Lab;
  let host: LabHost;

  beforeAll(async () => {
    lab = await openLab();
    host = await timed(`start ${tree} ${init}`, () => lab.start(tree, { init }));
  });
  afterAll(() => lab.close());

  test("lets in a key with sudo, and a password", async () => {
    const admin = await timed(`login ${tree} ${init}`, () =>
      host.login("admin", { command: "sudo -n id -un" }),
    );
    expect(admin).toMatchObject({ ok: true, stdout: "root\n" });
    const alice = await host.login("alice", { password: "alice-pw", command: "id -un" });
    expect(alice).toMatchObject({ ok: true, stdout: "alice\n" });
  });

  test("refuses a wrong password and a locked root", async () => {
    const refused = await Promise.all([host.login("bob", { password: "alice-pw" }), host.login("root")]);
    expect(refused).toMatchObject([
      { ok: false, code: 255 },
      { ok: false, code: 255 },
    ]);
  });

  test("obeys a new configuration after a reload, and not before", async () => {
    await host.write("/etc/ssh/sshd_config.d/test.conf", "AllowUsers admin\n");
    // ssh.socket may start sshd anew for any connection; elsewhere the running one still has the old file.
    if (init !== "socket") expect(await host.login("bob")).toMatchObject({ ok: true });

    expect(await host.exec(RELOAD[init])).toMatchObject({ code: 0 });
    await host.waitForSsh();
    expect(await host.login("admin")).toMatchObject({ ok: true });
    expect(await host.login("bob")).toMatchObject({ ok: false, code: 255 });

    await host.exec("rm /etc/ssh/sshd_config.d/test.conf");
    expect(await host.exec(RELOAD[init])).toMatchObject({ code: 0 });
    await host.waitForSsh();
    expect(await host.login("bob")).toMatchObject({ ok: true });
  });

  test("keeps its disk over a power cut, and nothing else", async () => {
    const before = (await host.exec("cat /proc/sys/kernel/random/boot_id")).stdout;
    await host.exec("echo kept >/root/kept; echo lost >/run/lost; setsid sleep 1000 >/dev/null 2>&1 &");

    await timed(`power cut ${tree} ${init}`, () => host.powerCut());
    expect(host.isRunning).toBe(false);
    await expect(host.exec("true")).rejects.toThrow("powered off");
    await timed(`boot ${tree} ${init}`, () => host.boot());
    await host.waitForSsh();

    expect(await host.read("/root/kept")).toBe("kept\n");
    await expect(host.read("/run/lost")).rejects.toThrow("No such file");
    expect((await host.exec("pgrep -x sleep --full 'sleep 1000'")).stdout).toBe("");
    const after = await host.exec("cat /proc/sys/kernel/random/boot_id; cut -d. -f1 /proc/uptime");
    const [bootId, uptimeSeconds] = after.stdout.split("\n");
    expect(bootId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(`${bootId}\n`).not.toBe(before);
    expect(Number(uptimeSeconds)).toBeLessThan(60);
    expect(await host.login("alice")).toMatchObject({ ok: true });
  });

  test("runs what must come before sshd before sshd", async () => {
    if (init === "none") {
      await host.write("/etc/init.d/early", EARLY_SCRIPT, "755");
      expect(await host.exec("update-rc.d early defaults")).toMatchObject({ code: 0 });
    } else {
      await host.write("/etc/systemd/system/early.service", EARLY_UNIT);
      expect(await host.exec("systemctl enable early.service")).toMatchObject({ code: 0 });
    }
    await host.powerCut();
    await host.boot();
    await host.waitForSsh();
    expect(await host.read("/var/lib/early")).toBe("before\n");
  });

  test("answers with other host keys as an impostor, and with its own again", async () => {
    const own = host.hostKeys;
    expect(own.map((line) => line.split(" ")[0]).sort()).toEqual(["ecdsa-sha2-nistp256", "ssh-ed25519"]);
    const foreign = await host.replaceHostKeys();
    expect(await seenHostKey(host)).toBe(withoutComment(foreign));
    expect(withoutComment(foreign)).not.toBe(withoutComment(own));
    await host.restoreHostKeys();
    expect(await seenHostKey(host)).toBe(withoutComment(own));
    expect(host.hostKeys).toEqual(own);
  });
});

/** The ed25519 host key that a client is shown, as type and base64. */
async function seenHostKey(host: LabHost): Promise<string> {
  await host.waitForSsh();
  const { stdout } = await host.exec(`ssh-keyscan -t ed25519 ${host.address} 2>/dev/null`);
  // OpenSSH 10 prints its comments on stdout.
  const answer = stdout.split("\n").find((line) => line !== "" && !line.startsWith("#"));
  return answer?.split(" ").slice(1).join(" ") ?? "";
}

function withoutComment(keys: readonly string[]): string | undefined {
  const ed25519 = keys.find((line) => line.startsWith("ssh-ed25519 "));
  return ed25519?.split(" ").slice(0, 2).join(" ");
}
