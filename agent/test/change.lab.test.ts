import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { hasSystemd, type Init, TREES, type Tree } from "@/e2e/lab/tree";
import { fileIdOf } from "@/lib/agent/file-id";
import {
  giveBusybox,
  inShell,
  ManagedHost,
  mainConfig,
  newId,
  type Patch,
  type Shell,
  sha256,
  shells,
  shortDeadlines,
} from "./managed-host";

interface Kind {
  readonly tree: Tree;
  readonly init: Init;
  readonly shell: Shell;
}

/** Each OpenSSH version, each way to run sshd and each shell once. */
const shortMatrix: readonly Kind[] = [
  { tree: "bullseye", init: "none", shell: "dash" },
  { tree: "bookworm", init: "none", shell: "busybox" },
  { tree: "trixie", init: "none", shell: "bash" },
  { tree: "bookworm-systemd", init: "service", shell: "bash" },
  { tree: "trixie-systemd", init: "socket", shell: "dash" },
];

/** All of them with all of them; takes a quarter of an hour. */
function fullMatrix(): Kind[] {
  const inits = (tree: Tree): Init[] => (hasSystemd(tree) ? ["service", "socket"] : ["none"]);
  return TREES.flatMap((tree) =>
    inits(tree).flatMap((init) => (Object.keys(shells) as Shell[]).map((shell) => ({ tree, init, shell }))),
  );
}

const matrix = process.env.GATEHOUSE_FULL_MATRIX ? fullMatrix() : shortMatrix;
const dropIn = "/etc/ssh/sshd_config.d/50-site.conf";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab?.close());

describe.each(matrix)("a change on $tree, init $init, in $shell", ({ tree, init, shell }) => {
  let managed: ManagedHost;

  beforeAll(async () => {
    const host = await lab.start(tree, { init });
    await host.write(dropIn, "LogLevel VERBOSE\n", "640");
    if (shell === "busybox") await giveBusybox(host);
    managed = await new ManagedHost(lab, host).installed([...inShell(shell), shortDeadlines]);
  });
  afterAll(async () => {
    managed?.forget();
    await managed?.host.stop();
  });

  test("is kept when a fresh login proves it, with owner and mode", async () => {
    const before = await managed.host.read(mainConfig);
    const change = await managed.apply(`${before}\nMaxSessions 7\n`);
    expect(change.answer.message).toBe("");
    expect(await managed.confirm(change)).toMatchObject({ message: "", headers: { already: "0" } });
    expect(await managed.confirm(change)).toMatchObject({ message: "", headers: { already: "1" } });

    expect(await managed.waitForEnd()).toBe("confirmed");
    expect(await managed.host.read(mainConfig)).toBe(change.content);
    expect(await managed.imageOf(mainConfig)).toMatch(/^0:0 644 /);
    expect((await managed.host.login("alice")).ok).toBe(true);
    expect(await strayFiles(managed)).toBe("");
    expect(
      (await managed.host.exec(`grep -c ' ${change.id} confirmed ' /var/lib/gatehouse/history`)).stdout,
    ).toBe("1\n");
  });

  test("that shuts everybody out is undone by the host itself, byte for byte, inode and all", async () => {
    const before = await managed.imageOf(mainConfig);
    const text = await managed.host.read(mainConfig);
    const change = await managed.apply(`AllowUsers nobody\n${text}`, { deadline: 8, override: 1 });
    expect(change.answer.message).toBe("");
    expect((await managed.host.login("alice")).ok).toBe(false);
    await expect(managed.confirm(change)).rejects.toThrow("No answer");

    expect(await managed.waitForEnd()).toBe("rolled-back");
    expect(await managed.imageOf(mainConfig)).toBe(before);
    expect((await managed.host.login("alice")).ok).toBe(true);
    expect((await managed.ask("status", { id: change.id })).headers).toMatchObject({
      state: "rolled-back",
      verdict: "rolled-back",
      reason: "not confirmed before its deadline",
    });
    expect(await managed.confirm(change)).toMatchObject({ error: "late" });
    expect(await strayFiles(managed)).toBe("");
  });

  test("that sshd dies of at the reload is undone at once, and sshd runs again", async () => {
    const before = await managed.imageOf(mainConfig);
    const text = await managed.host.read(mainConfig);
    const change = await managed.apply(`ListenAddress 192.0.2.9\n${text}`, { override: 1 });
    // Under ssh.socket the line would do nothing, so it is not taken at all.
    expect(change.answer.error).toBe(init === "socket" ? "refused" : "no-reload");
    expect(await managed.imageOf(mainConfig)).toBe(before);
    expect((await managed.host.login("alice")).ok).toBe(true);
  });

  test.runIf(init === "socket")(
    "goes through though somebody has just used up systemd's restarts",
    async () => {
      const before = await managed.imageOf(mainConfig);
      const text = await managed.host.read(mainConfig);
      const useUp =
        "systemctl reset-failed ssh.service; for n in 1 2 3 4 5; do systemctl restart ssh.service; done";
      await managed.host.exec(useUp);
      const change = await managed.apply(`${text}\nMaxSessions 8\n`);
      expect(change.answer.message).toBe("");
      await managed.host.exec(`${useUp}; systemctl restart ssh.service; systemctl stop ssh.socket`);
      expect((await managed.host.login("alice")).ok).toBe(false);
      await managed.host.exec("sed -i 's/^deadline=.*/deadline=1/' /var/lib/gatehouse/state");
      expect(await managed.waitForEnd()).toBe("rolled-back");
      expect((await managed.host.login("alice")).ok).toBe(true);
      expect((await managed.host.exec("systemctl is-active ssh.socket")).stdout).toBe("active\n");
      expect(await managed.imageOf(mainConfig)).toBe(before);
    },
  );

  test("of an included file is tried against the whole tree and kept", async () => {
    const change = await managed.apply("MaxSessions 6\nLogLevel VERBOSE\n", { file: dropIn });
    expect(change.answer.message).toBe("");
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    expect(await managed.host.read(dropIn)).toBe(change.content);
    expect(await managed.imageOf(dropIn)).toMatch(/^0:0 640 /);
    expect((await managed.ask("read-original", { file: fileIdOf(dropIn) })).body.toString()).toBe(
      "LogLevel VERBOSE\n",
    );
  });

  test("of an included file that breaks another one is refused, the live file never touched", async () => {
    const before = await managed.imageOf(dropIn);
    const change = await managed.apply("Match User bob\nBanner none\nMaxStartups 1\n", { file: dropIn });
    expect(change.answer).toMatchObject({ error: "check-failed" });
    expect(change.answer.message).toContain(`${dropIn} line 3`);
    expect(await managed.imageOf(dropIn)).toBe(before);
  });

  test("may bring a file that did not exist, and taking it back leaves none", async () => {
    const file = "/etc/ssh/sshd_config.d/00-gatehouse.conf";
    const known = (await managed.ask("read-config")).headers;
    expect(known).toMatchObject({ "dropin.path": file, "dropin.id": fileIdOf(file) });

    const undone = await managed.apply("MaxSessions 5\n", { file, base: "absent" });
    expect(undone.answer.message).toBe("");
    expect((await managed.ask("cancel", { id: undone.id })).error).toBeNull();
    expect((await managed.host.exec(`ls -A ${file}`)).code).not.toBe(0);

    const kept = await managed.apply("MaxSessions 5\n", { file, base: "absent" });
    expect(await managed.confirm(kept)).toMatchObject({ message: "" });
    expect(await managed.host.read(file)).toBe(kept.content);
  });

  test("that a power cut interrupts is undone before sshd starts again", async () => {
    const before = await managed.imageOf(mainConfig);
    const text = await managed.host.read(mainConfig);
    await keepWhatSshdStartsWith(managed);
    const change = await managed.apply(`AllowUsers nobody\n${text}`, { deadline: 600, override: 1 });
    expect(change.answer.message).toBe("");
    await managed.host.powerCut();
    await managed.host.boot();
    await managed.host.waitForSsh();
    expect((await managed.host.login("alice")).ok).toBe(true);
    expect(await managed.host.read("/root/seen-by-sshd")).toBe(text);
    expect(await managed.imageOf(mainConfig)).toBe(before);
    const { reason } = (await managed.ask("status", { id: change.id })).headers;
    expect(reason).toContain("booted");
  });

  test("to the agent itself is kept by the new agent, and a broken one is replaced by the old", async () => {
    const agent = await managed.host.read("/usr/local/libexec/gatehouse-agent");
    const better = agent.replace(/^AGENT_VERSION=.*$/m, "AGENT_VERSION=1000");
    const broken = agent.replace(/^rpc\(\) \{$/m, "rpc() {\n    exit 3");
    expect(broken).not.toBe(agent);

    const id = newId();
    const worse = await managed.ask(
      "update-agent",
      { id, sha256: sha256(broken), deadline: 8 },
      { body: broken },
    );
    expect(worse.message).toBe("");
    await expect(managed.ask("hello")).rejects.toThrow("No answer");
    await managed.waitForEnd();
    expect((await managed.ask("hello")).headers).toMatchObject({ "agent.sha256": sha256(agent) });

    const next = { id: newId(), content: better };
    const headers = { id: next.id, sha256: sha256(better), deadline: 30 };
    const answer = await managed.ask("update-agent", headers, { body: better });
    expect(answer.message).toBe("");
    expect(await managed.confirm({ ...next, answer })).toMatchObject({ message: "" });
    expect((await managed.ask("hello")).headers).toMatchObject({ "agent.version": "1000" });
    expect(sha256(await managed.host.read("/usr/local/libexec/gatehouse-guard"))).toBe(sha256(better));
  });
});

describe.each([
  { tree: "bookworm", shell: "busybox" },
  { tree: "trixie", shell: "dash" },
  { tree: "trixie", shell: "bash" },
] as const)("a request that hangs on $tree in $shell", ({ tree, shell }) => {
  // It has the change in force and will never answer, with the lock; where the shell put the lock's descriptor aside
  // for the command that hangs, nobody may overlook it.
  const hanging: Patch[] = [
    ["\nlog() {", '\nlog() { case $1 in *": applied, rolls back"*) sleep 600 9>&- ;; esac;'],
    ["\nLOCK_SECONDS=120 ", "\nLOCK_SECONDS=3 "],
  ];

  test("cannot hold up the undoing of its change", async () => {
    const host = await lab.start(tree);
    if (shell === "busybox") await giveBusybox(host);
    const managed = await new ManagedHost(lab, host).installed([
      ...inShell(shell),
      shortDeadlines,
      ...hanging,
    ]);
    const text = await host.read(mainConfig);
    const request = new AbortController();
    const unanswered = managed.apply(`AllowUsers nobody\n${text}`, {
      deadline: 4,
      override: 1,
      signal: request.signal,
    });
    const silence = expect(unanswered).rejects.toThrow("No answer");
    await expect.poll(async () => (await managed.state()).state, { timeout: 20_000 }).toBe("applied");
    expect((await host.login("alice")).ok).toBe(false);
    expect(await managed.waitForEnd(40)).toBe("rolled-back");
    expect(await host.read(mainConfig)).toBe(text);
    expect((await host.login("alice")).ok).toBe(true);
    request.abort();
    await silence;
    managed.forget();
    await host.stop();
  });
});

describe("a command that fails, or says that it worked and did not,", () => {
  const withAgent = async (...patches: Patch[]) =>
    new ManagedHost(lab, await lab.start("bookworm")).installed([shortDeadlines, ...patches]);
  const close = async (managed: ManagedHost) => {
    managed.forget();
    await managed.host.stop();
  };

  test("where it is date, costs the history a time, not the change", async () => {
    const managed = await withAgent(["$(date -u +%Y-%m-%dT%H:%M:%SZ)", "$(false)"]);
    const { id } = await managed.apply(await managed.host.read(mainConfig), { deadline: 4 });
    expect(await managed.waitForEnd()).toBe("rolled-back");
    const history = await managed.host.read("/var/lib/gatehouse/history");
    expect(history.startsWith(`- ${id} rolled-back ${mainConfig} `)).toBe(true);
    await close(managed);
  });

  test("where it is ln, ends an apply before anything is changed: its undo would need room", async () => {
    const managed = await withAgent(['ln "$EACH_PATH" "$prepare_link"', "true"]);
    const text = await managed.host.read(mainConfig);
    const { answer } = await managed.apply(`ClientAliveInterval 77\n${text}`, { deadline: 4 });
    expect(answer.error).toBe("no-space");
    expect(await managed.host.read(mainConfig)).toBe(text);
    await close(managed);
  });
});

/** From its next start on, whatever starts sshd first copies the configuration that it is going to read. */
async function keepWhatSshdStartsWith({ host }: ManagedHost): Promise<void> {
  const copy = `cp ${mainConfig} /root/seen-by-sshd`;
  if (hasSystemd(host.tree)) {
    await host.exec("mkdir -p /etc/systemd/system/ssh.service.d");
    await host.write(
      "/etc/systemd/system/ssh.service.d/witness.conf",
      `[Service]\nExecStartPre=/bin/${copy}\n`,
    );
  } else {
    await host.exec(`printf '%s\\n' '${copy}' >>/etc/default/ssh`); // the init script sources it
  }
}

/** Files of a transaction that should be gone, and our watchers that should have ended. */
async function strayFiles(managed: ManagedHost): Promise<string> {
  const { stdout } = await managed.host.exec(
    "find /etc/ssh -name '.gatehouse*'; ls -A /var/lib/gatehouse/tx /var/lib/gatehouse/work 2>/dev/null | grep -v ':$' | grep .",
  );
  return stdout;
}
