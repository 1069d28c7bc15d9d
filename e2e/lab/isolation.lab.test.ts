import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { attachLab, type Lab, openLab, openLabNames } from "./lab";
import { cachedTrees, hasSystemd } from "./tree";

const plain = cachedTrees().find((tree) => !hasSystemd(tree)) ?? "bookworm";
const labs: Lab[] = [];

async function open(): Promise<Lab> {
  const lab = await openLab();
  labs.push(lab);
  return lab;
}

afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});

/** All processes of this machine that live in the network of the process `pid`, or in one that hangs on it. */
function networkNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function processesIn(namespaces: ReadonlySet<string>): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && namespaces.has(networkNamespace(pid) ?? ""));
}

function childrenOfThisProcess(): string[] {
  const tasks = readdirSync("/proc/self/task");
  return tasks.flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
  );
}

describe("a closed lab", () => {
  const systemd = cachedTrees().find(hasSystemd);

  test.skipIf(!systemd)("leaves no process, mount, cgroup or file", async () => {
    const mountsBefore = readFileSync("/proc/self/mounts", "utf8");
    const childrenBefore = childrenOfThisProcess();
    const lab = await open();
    const hosts = [await lab.start(plain), await lab.start(systemd ?? plain)];
    await hosts[0]?.forward();
    const namespaces = new Set([networkNamespace(lab.namespacePid) ?? ""]);
    for (const host of hosts) namespaces.add((await host.exec("readlink /proc/self/ns/net")).stdout.trim());
    expect(processesIn(namespaces).length).toBeGreaterThan(8);
    expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mountsBefore);

    await lab.close();

    expect(processesIn(namespaces)).toEqual([]);
    expect(childrenOfThisProcess()).toEqual(childrenBefore);
    expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mountsBefore);
    expect(existsSync(`/run/gatehouse-lab/${lab.name}`)).toBe(false);
    expect(existsSync(`/sys/fs/cgroup/gatehouse-lab-${lab.name}`)).toBe(false);
    expect(existsSync(`/sys/fs/cgroup/unified/gatehouse-lab-${lab.name}`)).toBe(false);
  });
});

test("a lab dies with the process that opened it, however that ends", async () => {
  const cli = path.join(import.meta.dirname, "lab-cli.ts");
  const inside = 'echo "$GATEHOUSE_LAB"; exec sleep 1000';
  const owner = spawn(process.execPath, ["--import", "tsx", cli, "run", "sh", "-c", inside], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const name = String(await new Promise((resolve) => owner.stdout.once("data", resolve))).trim();
  const { namespacePid } = await attachLab(name);
  const namespaces = new Set([networkNamespace(namespacePid) ?? ""]);
  expect(processesIn(namespaces).length).toBeGreaterThan(1);

  owner.kill("SIGKILL");
  await expect.poll(() => processesIn(namespaces), { timeout: 5_000 }).toEqual([]);
  expect(openLabNames()).not.toContain(name);
  await open();
  expect(existsSync(`/run/gatehouse-lab/${name}`), "the next lab sweeps up").toBe(false);
});

test("two labs use the same address and never meet", async () => {
  const [one, other] = await Promise.all([open(), open()]);
  const [mine, theirs] = await Promise.all([one.start(plain), other.start(plain)]);
  expect(mine.address).toBe(theirs.address);
  await mine.write("/etc/motto", "one");
  await theirs.write("/etc/motto", "other");
  expect((await mine.login("bob", { command: "cat /etc/motto" })).stdout).toBe("one");
  expect((await theirs.login("bob", { command: "cat /etc/motto" })).stdout).toBe("other");
});

test("hosts of one lab started at once reach each other and the gateway", async () => {
  const lab = await open();
  const [one, other] = await Promise.all([lab.start(plain), lab.start(plain)]);
  const scan = await one.exec(`ssh-keyscan -t ed25519 ${other.address} 2>/dev/null`);
  expect(scan.stdout).toContain(other.hostKeys.find((line) => line.startsWith("ssh-ed25519"))?.split(" ")[1]);

  const listener =
    "require('net').createServer((c) => c.end('hello from the gateway')).listen(8080, () => console.log(1))";
  const server = lab.spawnInside(process.execPath, ["-e", listener], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => server.stdout?.once("data", resolve));
  const heard = await one.exec(`bash -c 'exec 3<>/dev/tcp/${lab.gateway}/8080; cat <&3'`);
  server.kill("SIGKILL");
  expect(heard.stdout).toBe("hello from the gateway");
});

test("a host cannot touch the machine it runs on", async () => {
  const lab = await open();
  const host = await lab.start(plain);
  expect(await host.exec("echo 1 >/proc/sys/kernel/panic")).not.toMatchObject({ code: 0 });
  expect((await host.exec("ls /dev")).stdout).not.toMatch(/vda|sda|nvme|ttyS|kmsg|rtc/);
  expect((await host.exec("ip route 2>/dev/null || true; cat /proc/net/route")).stdout).not.toContain(
    "00000000\t00000000",
  );
  expect((await host.exec("mount")).stdout).not.toContain("/mnt");
});

test("a second process that attaches sees the same hosts, also after a reboot", async () => {
  const lab = await open();
  const host = await lab.start(plain, { name: "web-1" });
  const seen = (await attachLab(lab.name)).host("web-1");
  expect(seen.hostKeys).toEqual(host.hostKeys);
  await seen.powerCut();
  expect(host.isRunning).toBe(false);
  await host.boot();
  expect(await seen.exec("hostname")).toMatchObject({ stdout: "web-1\n" });
  await seen.stop();
  expect(lab.hosts()).toEqual([]);
  expect(await host.login("bob", { timeoutSeconds: 5 })).toMatchObject({ ok: false });
});

test("a forward is a door from outside, a new connection each time", async () => {
  const lab = await open();
  const host = await lab.start(plain);
  const door = await host.forward();
  expect(await banner(door.port)).toMatch(/^SSH-2\.0-OpenSSH/);
  expect(await banner(door.port)).toMatch(/^SSH-2\.0-OpenSSH/);
  await host.powerCut();
  await expect(banner(door.port)).rejects.toThrow();
  await door.close();
  await expect(banner(door.port)).rejects.toThrow("ECONNREFUSED");
});

function banner(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed without a banner")));
  });
}
