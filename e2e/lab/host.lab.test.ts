import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "./lab";
import { cachedTrees, hasSystemd, type Tree } from "./tree";

const trees: Tree[] = cachedTrees().length > 0 ? cachedTrees() : ["bookworm"];
const plain = trees.find((tree) => !hasSystemd(tree)) ?? "bookworm";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

test("exec answers with what the script did, whatever that is", async () => {
  const host = await lab.start(plain);
  const failed = await host.exec('cat; printf "%s" "$WORD" >&2; exit 3', {
    input: "in",
    env: { WORD: "it's" },
  });
  expect(failed).toEqual({ code: 3, stdout: "in", stderr: "it's" });
  expect(await host.exec("kill -9 $$")).toMatchObject({ code: 137 });
  expect(await host.exec("sleep 100", { timeoutSeconds: 1 })).toMatchObject({ code: 124 });
  expect(await host.exec("sleep 100 & echo left a child behind")).toMatchObject({
    code: 0,
    stdout: "left a child behind\n",
  });
});

test("files arrive byte for byte, with the mode asked for", async () => {
  const host = await lab.start(plain);
  const bytes = Buffer.from([0, 255, 10, 13, 10, 39, 0]);
  await host.write("/root/a file", bytes, "4711");
  expect(await host.readBytes("/root/a file")).toEqual(bytes);
  await host.write("/root/a file", "again");
  expect((await host.exec("stat -c %a '/root/a file'")).stdout).toBe("4711\n");
  await host.write("/root/new", "");
  expect((await host.exec("stat -c %a /root/new")).stdout).toBe("644\n");
  await expect(host.write("/no/such/directory", "")).rejects.toThrow("/no/such/directory");
  await expect(host.read("/no/such/file")).rejects.toThrow("/no/such/file");
});

test("a disk of 8 MiB is full after 8 MiB", async () => {
  const host = await lab.start(plain, { diskMiB: 8 });
  const filled = await host.exec("dd if=/dev/zero of=/root/fill bs=1M count=9");
  expect(filled.code).not.toBe(0);
  expect(filled.stderr).toContain("No space left on device");
  await host.powerCut();
  await host.boot();
  await host.waitForSsh();
  expect(await host.login("bob")).toMatchObject({ ok: true });
});

test("sshd that does not start is said, with its reason", async () => {
  const host = await lab.start(plain);
  await host.write("/etc/ssh/sshd_config.d/broken.conf", "Nonsense yes\n");
  await host.powerCut();
  await host.boot();
  await expect(host.waitForSsh(1)).rejects.toThrow("Bad configuration option: Nonsense");
});

test("options that contradict each other are refused", async () => {
  await expect(lab.start("bookworm", { init: "socket" })).rejects.toThrow("need a -systemd tree");
  await expect(lab.start("bookworm", { name: "no such name" })).rejects.toThrow("no host name");
  await lab.start(plain, { name: "web-1" });
  await expect(lab.start(plain, { name: "web-1" })).rejects.toThrow("already");
  await expect(openLab({ name: lab.name })).rejects.toThrow("open already");
});

/** The newest of each kind: apt's behaviour depends on whether there is systemd, hardly on the release. */
const newest = [trees.findLast((tree) => !hasSystemd(tree)), trees.findLast(hasSystemd)].filter(
  (tree) => tree !== undefined,
);

describe.each(newest)("apt on %s", (tree) => {
  test("installs sshd where there is none, and it lets people in", async () => {
    const host = await lab.start(tree, { withoutSshd: true });
    expect(await host.exec("command -v sshd")).not.toMatchObject({ code: 0 });
    expect(host.hostKeys).toEqual([]);
    const installed = await host.exec(
      "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y openssh-server",
    );
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    // Debian's packages start no service on a host without an init program: that is the installer's task then.
    if (!hasSystemd(tree)) expect(await host.exec("service ssh start")).toMatchObject({ code: 0 });
    await host.waitForSsh();
    expect(await host.login("alice")).toMatchObject({ ok: true });
  });

  test("upgrades sshd where the repository has moved on", async () => {
    const host = await lab.start(tree);
    const version = "dpkg-query -W openssh-server | cut -f 2";
    const before = (await host.exec(version)).stdout;
    await host.write(
      "/etc/apt/sources.list.d/newer.list",
      "deb [trusted=yes] file:/srv/lab-packages/newer ./\n",
    );
    const upgraded = await host.exec(
      "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --only-upgrade openssh-server openssh-client",
    );
    expect(upgraded, upgraded.stderr).toMatchObject({ code: 0 });
    expect((await host.exec(version)).stdout).toBe(`${before.trim()}+lab1\n`);
    await host.waitForSsh();
    expect(await host.login("alice")).toMatchObject({ ok: true });
  });
});
