import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { type AgentHost, withHost } from "@/lib/agent/client";
import { renderInstallScript, reportBegin, reportEnd } from "@/lib/agent/install-script";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import type { SshError } from "@/lib/ssh/errors";
import { generateManagementKey } from "@/lib/ssh/keys";

const key = generateManagementKey("gatehouse:lab");
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

/** Installs the agent as root would, and gives the way to it. */
async function install(host: LabHost): Promise<{ reach: AgentHost; report: string }> {
  const script = renderInstallScript(shippedAgent(), {
    hostId: "11111111-1111-4111-8111-111111111111",
    publicKey: key.publicKey,
    reportUrl: null,
  });
  const { code, stdout, stderr } = await host.exec("sh -s", { input: script, timeoutSeconds: 300 });
  expect(code, stderr).toBe(0);
  const { address, port } = await host.forward();
  const hostKeys = [...stdout.matchAll(/^hostkey\.[0-9]+=(.*)$/gm)].map((match) => match[1] ?? "");
  const pins = hostKeys.flatMap((line) => parsePublicKey(line) ?? []);
  const report = stdout.slice(stdout.indexOf(reportBegin), stdout.indexOf(reportEnd));
  return { reach: { address, port, pins, privateKey: key.privateKey }, report };
}

describe.each(["bullseye", "bookworm", "trixie"] as const)("the agent on %s", (tree) => {
  let host: LabHost;
  let reach: AgentHost;
  beforeAll(async () => {
    host = await lab.start(tree);
    ({ reach } = await install(host));
  });

  test("says hello: the version that we shipped, and the host keys that sshd really has", async () => {
    const hello = await withHost(reach, (agent) => agent.hello());
    expect(hello.agentSha256).toBe(shippedAgent().sha256);
    expect(hello.sshdVersion).toMatch(/^OpenSSH_(8\.4|9\.2|10\.0)/);
    const blobs = (lines: string[]) => lines.map((line) => line.split(" ")[1]).sort();
    expect(blobs(hello.hostKeys)).toEqual(blobs(host.hostKeys));
    expect(hello.transaction.state).toBe("idle");
  });

  test("gives the accounts and the whole configuration tree, byte for byte", async () => {
    await withHost(reach, async (agent) => {
      const accounts = await agent.accounts();
      expect(accounts.find((account) => account.name === "root")?.uid).toBe(0);
      expect(accounts.find((account) => account.name === "gatehouse")?.lock).toBe("*");
      const [main] = await agent.readConfig();
      expect(main?.path).toBe("/etc/ssh/sshd_config");
      expect(main?.content.equals(await host.readBytes("/etc/ssh/sshd_config"))).toBe(true);
      const original = await agent.readOriginal(main?.id ?? "");
      expect(original.equals(main?.content ?? Buffer.alloc(0))).toBe(true);
    });
  });

  test("checks a change with the host's own sshd, before and after", async () => {
    await withHost(reach, async (agent) => {
      const [main] = await agent.readConfig();
      if (!main) expect.fail("no main file");
      const content = Buffer.concat([Buffer.from("MaxAuthTries 3\n"), main.content]);
      const result = await agent.check({
        file: main.id,
        base: main.sha256,
        specs: [
          { user: "root", host: "example.org", addr: "192.0.2.1" },
          { user: "alice", host: "h", addr: "192.0.2.2" },
          { user: "gatehouse", host: "h", addr: "192.0.2.2" },
        ],
        content,
      });
      expect(result.testCode).toBe(0);
      expect(result.effective).toHaveLength(3);
      expect(result.own?.groups).toEqual(["gatehouse"]);
      expect(result.own?.keyFile).toMatch(/gatehouse/);
      for (const { before, after } of result.effective) {
        expect(before.text).toMatch(/^maxauthtries 6$/im);
        expect(after.text).toMatch(/^maxauthtries 3$/im);
      }
      const wrong = await agent.check({
        file: main.id,
        base: main.sha256,
        specs: [],
        content: Buffer.from("Prot 2\n"),
      });
      expect(wrong.testCode).not.toBe(0);
      expect(wrong.testText).toContain("Prot");
    });
  });

  test("refuses what is not its business, with a code", async () => {
    await withHost(reach, async (agent) => {
      await expect(agent.readOriginal("0".repeat(64))).rejects.toMatchObject({
        name: "AgentError",
        code: "unknown-file",
      });
      await expect(agent.confirm({ id: "a".repeat(20), nonce: "b".repeat(32) }, {})).rejects.toMatchObject({
        code: "not-applied",
      });
    });
  });
});

describe("uninstalled", () => {
  test("the host is as it was before, and refuses our key", async () => {
    const host = await lab.start("bookworm");
    // Logs, caches and what is made at run time are the host's own.
    const listing =
      "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /dev -prune -o -path /run -prune -o -path /tmp -prune -o -path /var/log -prune -o -path /var/cache -prune -o -print | sort; cat /etc/passwd /etc/group /etc/ssh/sshd_config";
    const before = (await host.exec(listing)).stdout.split("\n");
    const { reach } = await install(host);
    expect((await withHost(reach, (agent) => agent.hello())).originalKept).toBe(true);
    await withHost(reach, (agent) => agent.uninstall());
    // The agent answers before it takes itself away.
    for (let i = 0; (await host.exec("id gatehouse")).code === 0; i++) expect(i).toBeLessThan(100);
    await expect(withHost(reach, (agent) => agent.hello())).rejects.toMatchObject({
      failure: "authentication-refused",
    } satisfies Partial<SshError>);
    const after = (await host.exec(listing)).stdout.split("\n");
    const added = after.filter((line) => !before.includes(line));
    const lost = before.filter((line) => !after.includes(line));
    // shadow and its kin keep a copy of themselves at every edit.
    expect(
      added.filter((line) => !/^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/.test(line)),
    ).toEqual([]);
    expect(lost).toEqual([]);
  });
});
