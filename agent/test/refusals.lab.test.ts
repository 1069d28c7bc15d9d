import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { fileIdOf } from "@/lib/agent/file-id";
import { markerVariable } from "@/lib/change/marker";
import { ManagedHost, mainConfig, newId, sha256, shortDeadlines } from "./managed-host";

let lab: Lab;
let managed: ManagedHost;
let original: string;
let image: string;

beforeAll(async () => {
  lab = await openLab();
  const host = await lab.start("bookworm", { diskMiB: 64 });
  managed = await new ManagedHost(lab, host).installed([shortDeadlines]);
  // A file of an overlay's lower layer gets another inode number at its first link; this one is of the upper layer.
  await host.exec(`cp -p ${mainConfig} /etc/ssh/copy && mv /etc/ssh/copy ${mainConfig}`);
  original = await host.read(mainConfig);
  image = await managed.imageOf(mainConfig);
});
afterAll(async () => {
  managed?.forget();
  await lab?.close();
});

/** Whatever was refused: the file, its inode and people's logins are as before. */
async function expectUntouched(): Promise<void> {
  expect(await managed.imageOf(mainConfig)).toBe(image);
  expect((await managed.host.login("alice")).ok).toBe(true);
}

describe("a request is refused, and nothing is done,", () => {
  const raw = (text: string) => managed.send(Buffer.from(text));

  test("that is not the protocol", async () => {
    expect(await raw("EHLO dashboard\n")).toMatchObject({ error: "protocol" });
    expect(await raw("")).toMatchObject({ error: "protocol" });
    expect(await raw(`GATEHOUSE/1 ${"x".repeat(200)} 0 0\n`)).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 hello 0 -1\n")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 hello 0x10 0\n")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/2 hello 0 0\n")).toMatchObject({ error: "version" });
  });

  test("with an unknown verb, whatever its name would mean to a shell", async () => {
    for (const verb of ["exec", "rpc", "remove", "*", "../../bin/sh", "$(id)", "-h"]) {
      expect(await raw(`GATEHOUSE/1 ${verb} 0 0\n`)).toMatchObject({ error: "protocol" });
    }
  });

  test("whose header is damaged, unknown or shorter than it says", async () => {
    expect(await raw("GATEHOUSE/1 status 8 0\nid=a\x01bc\n")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 status 8 0\nid=a\x00bc\n")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 status 10 0\npath=/etc\n")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 status 50 0\nid=abc\n")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 status 6 0\nid=abc")).toMatchObject({ error: "protocol" });
    expect(await raw("GATEHOUSE/1 status 15 0\nid=../../shadow\n")).toMatchObject({ error: "protocol" });
  });

  test("that is larger than 256 KiB, before it is read", async () => {
    expect(await raw("GATEHOUSE/1 check 0 300000\n")).toMatchObject({ error: "too-large" });
    expect(await raw("GATEHOUSE/1 check 0 99999999\n")).toMatchObject({ error: "protocol" });
  });

  test("whose new file is larger than a configuration file may be", async () => {
    const { answer } = await managed.apply(`${original}#${"x".repeat(140_000)}\n`);
    expect(answer.error).toBe("too-large");
    await expectUntouched();
  });

  test("that would make sshd read out other files of root: their words are not in the answer", async () => {
    await managed.host.write("/root/secret", "planted-words-1\nplanted-words-2 planted\n", "600");
    const text = `NoSuchKeyword yes\nInclude /root/secret\n${original}`;
    const { headers, body } = await managed.ask(
      "check",
      { file: fileIdOf(mainConfig), base: sha256(original) },
      { body: text },
    );
    const said = body.toString("utf8");
    expect(headers["t.code"]).not.toBe("0");
    expect(said).toMatch(/sshd_config:? line 1: .*NoSuchKeyword/);
    expect(said).toMatch(/^\/root\/secret: line 1: .*not shown/m);
    expect(said).not.toContain("planted");
    const { answer } = await managed.apply(text);
    expect(answer.error).toBe("check-failed");
    expect(JSON.stringify(answer)).not.toContain("planted");
    await expectUntouched();
  });

  test("whose first line never ends, without eating the host's memory", async () => {
    const child = spawn("nsenter", managed.sshArguments());
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk;
    });
    child.stdin.on("error", () => undefined);
    child.stdin.write("GATEHOUSE/1 ");
    const feed = setInterval(() => child.stdin.write("x".repeat(65_536)), 5);
    await sleep(1000);
    const { stdout } = await managed.host.exec(
      "ps -eo rss,args | grep '[g]atehouse-agent rpc' | sort -n | tail -n 1",
    );
    clearInterval(feed);
    child.stdin.end();
    await new Promise((resolve) => child.once("close", resolve));
    expect(Number.parseInt(stdout, 10)).toBeLessThan(140_000);
    expect(out).toContain("code=protocol");
  });

  test("for a file that sshd does not read", async () => {
    for (const file of ["/etc/shadow", "/etc/ssh/sshd_config.d/../../shadow", "/etc/ssh/ssh_config"]) {
      const { answer } = await managed.apply("MaxSessions 3\n", { file });
      expect(answer).toMatchObject({ error: "unknown-file" });
    }
    expect(await managed.ask("read-original", { file: "x" })).toMatchObject({ error: "unknown-file" });
  }, 60_000);
});

describe("a change is refused, and the live file not touched,", () => {
  test("that was not made from the live file", async () => {
    const { answer } = await managed.apply(`${original}\nMaxSessions 9\n`, { base: sha256("another file") });
    expect(answer.error).toBe("conflict");
    await expectUntouched();
  });

  test("without the block that proves it, or with another change's", async () => {
    const id = newId();
    const headers = { id, file: fileIdOf(mainConfig), base: sha256(original), deadline: 30, override: 0 };
    const bare = `${original}\nMaxSessions 9\n`;
    expect(await managed.ask("apply", headers, { body: bare })).toMatchObject({ error: "refused" });
    const others = `${bare}Match User gatehouse\n\tAcceptEnv ${markerVariable(newId())}\nMatch all\n`;
    expect(await managed.ask("apply", headers, { body: others })).toMatchObject({ error: "refused" });
    await expectUntouched();
  });

  test("that sshd does not accept", async () => {
    const { answer } = await managed.apply(`${original}\nPermitRootLogin perhaps\n`, { override: 1 });
    expect(answer.error).toBe("check-failed");
    expect(answer.message).toContain(`${mainConfig} line`);
    await expectUntouched();
  });

  test.each([
    ["AllowUsers alice", "AllowUsers"],
    ["AllowGroups staff", "AllowGroups"],
    ["DenyUsers gate*", "DenyUsers"],
    ["DenyGroups gatehouse", "DenyGroups"],
    ["AllowUsers gatehouse@192.0.2.0/24", "AllowUsers"],
    ["AllowUsers *@!10.77.*,*", "AllowUsers"],
    ["PubkeyAuthentication no", "PubkeyAuthentication"],
    ["AuthenticationMethods publickey,password", "AuthenticationMethods"],
    ["AuthorizedKeysFile /etc/ssh/keys/%u", "AuthorizedKeysFile"],
    ["AuthorizedKeysFile none", "AuthorizedKeysFile"],
    ["PubkeyAcceptedAlgorithms ssh-rsa", "PubkeyAcceptedAlgorithms"],
    ["RevokedKeys /etc/ssh/revoked-keys", "RevokedKeys"],
    ["MaxAuthTries 0", "MaxAuthTries"],
    ["MaxSessions 0", "MaxSessions"],
    ["ForceCommand /bin/false", "ForceCommand"],
    ["ChrootDirectory /srv", "ChrootDirectory"],
    ["Port 2222", "Add the new address first"],
    ["ListenAddress 127.0.0.1", "Add the new address first"],
  ])("that locks the management account out: %s", async (line, named) => {
    const { answer } = await managed.apply(`${line}\n${original}`);
    expect(answer).toMatchObject({ error: "locks-us-out" });
    expect(answer.message).toContain(named);
    expect(await managed.imageOf(mainConfig)).toBe(image);
  });

  test.each([
    "AllowUsers alice gatehouse",
    "AllowUsers gate?ouse@10.77.0.0/16",
    "AllowUsers *@!192.0.2.1,10.77.*",
    "AuthenticationMethods publickey,password publickey",
    "PubkeyAcceptedAlgorithms ssh-ed25519",
    "Port 22\nPort 2222",
    "AcceptEnv *", // the list in our Match block takes the place of the global one
  ])("but not one that lets it in: %s", async (line) => {
    const change = await managed.apply(`${line}\n${original}`);
    expect(change.answer.message).toBe("");
    expect((await managed.ask("cancel", { id: change.id })).error).toBeNull();
    await expectUntouched();
  });

  test("that lets every variable in, so that a login proves nothing", async () => {
    for (const pattern of ["*", "G?TEHOUSE_*"]) {
      const block = `Match User gate*\n\tAcceptEnv ${pattern}\nMatch all\n`;
      const { answer } = await managed.apply(`${original}\n${block}`, { override: 1 });
      expect(answer).toMatchObject({ error: "refused" });
      expect(answer.message).toContain("AcceptEnv");
    }
    await expectUntouched();
  });

  test("with a deadline outside 1 to 3600 seconds, or a strange id", async () => {
    expect((await managed.apply(original, { deadline: 3601 })).answer.error).toBe("protocol");
    expect((await managed.apply(original, { deadline: 0 })).answer.error).toBe("protocol");
    const headers = { file: fileIdOf(mainConfig), base: sha256(original), deadline: 30, override: 0 };
    for (const id of ["", "-x", "a/b", "a".repeat(65), "a b"]) {
      expect(await managed.ask("apply", { ...headers, id }, { body: original })).toMatchObject({
        error: "protocol",
      });
    }
  });

  test("while another one is open; and of two at once exactly one is taken", async () => {
    const both = await Promise.all([
      managed.apply(`${original}\nMaxSessions 3\n`),
      managed.apply(`${original}\nMaxSessions 4\n`),
    ]);
    const taken = both.filter(({ answer }) => answer.error === null);
    const refused = both.filter(({ answer }) => answer.error === "pending" || answer.error === "busy");
    expect([taken.length, refused.length]).toEqual([1, 1]);
    expect(await managed.host.read(mainConfig)).toBe(taken[0]?.content);
    expect((await managed.ask("cancel", { id: taken[0]?.id ?? "" })).error).toBeNull();
    await expectUntouched();
  });

  test("whose id was used before; while it is open, the repeated request gets the same answer", async () => {
    const id = newId();
    const first = await managed.apply(`${original}\nMaxSessions 3\n`, { id });
    const again = await managed.apply(`${original}\nMaxSessions 3\n`, { id, base: sha256(original) });
    expect(again.answer.headers.nonce).toBe(first.answer.headers.nonce);
    expect((await managed.ask("cancel", { id })).error).toBeNull();
    expect((await managed.apply(`${original}\nMaxSessions 3\n`, { id })).answer.error).toBe("replay");
    const later = await managed.apply(`${original}\nMaxSessions 3\n`);
    expect((await managed.ask("cancel", { id: later.id })).error).toBeNull();
    expect((await managed.apply(`${original}\nMaxSessions 3\n`, { id })).answer.error).toBe("replay");
    await expectUntouched();
  });

  test("when the disk is full", async () => {
    const filled = await managed.host.exec(
      "cat /dev/zero >/var/tmp/full 2>/dev/null; df -Pk /var/tmp | tail -n 1",
    );
    expect(filled.stdout).toContain("100%");
    const { answer } = await managed.apply(`${original}\nMaxSessions 3\n`);
    await managed.host.exec("rm /var/tmp/full");
    expect(answer.error).toBe("no-space");
    await expectUntouched();
  });

  test("when its directory is writable for others", async () => {
    await managed.host.exec("chmod g+w /etc/ssh");
    const { answer } = await managed.apply(`${original}\nMaxSessions 3\n`);
    await managed.host.exec("chmod g-w /etc/ssh");
    expect(answer.error).toBe("refused");
    await expectUntouched();
  });
});

describe("a change is not confirmed", () => {
  beforeEach(async () => {
    expect(await managed.imageOf(mainConfig)).toBe(image);
  });

  const apply = async (text = `${original}\nMaxSessions 5\n`, options = {}) => {
    const change = await managed.apply(text, options);
    expect(change.answer.message).toBe("");
    return change;
  };
  const undo = async (id: string) => {
    expect((await managed.ask("cancel", { id })).error).toBeNull();
    await expectUntouched();
  };

  test("with another nonce, and the change stays open", async () => {
    const change = await apply();
    expect(await managed.confirm(change, { nonce: "0".repeat(64) })).toMatchObject({ error: "nonce" });
    expect(await managed.confirm(change, { nonce: "" })).toMatchObject({ error: "nonce" });
    expect((await managed.state()).state).toBe("applied");
    await undo(change.id);
  });

  test("over a connection that is older than the reload, though its session is new", async () => {
    const control = "/tmp/gatehouse-agent-control";
    const master = spawn(
      "nsenter",
      managed.sshArguments(["-M", "-N", "-S", control, "-o", "SendEnv=GATEHOUSE_CHANGE_*"]),
    );
    try {
      await expect
        .poll(() => managed.host.exec("ps -eo args | grep -c '^sshd: gatehouse'").then((r) => r.stdout), {
          timeout: 30_000,
        })
        .toBe("2\n");
      const change = await apply();
      const stale = await managed.confirm(change, { ssh: ["-S", control, "-o", "ControlMaster=no"] });
      expect(stale).toMatchObject({ error: "stale-login" });
      await undo(change.id);
    } finally {
      master.kill();
      await new Promise((resolve) => master.once("close", resolve));
    }
  });

  test("by root at the host itself", async () => {
    const change = await apply();
    const header = `id=${change.id}\nnonce=${change.answer.headers.nonce}\n`;
    const input = `GATEHOUSE/1 confirm ${header.length} 0\n${header}`;
    const { stdout } = await managed.host.exec("/usr/local/libexec/gatehouse-agent rpc", { input });
    expect(stdout).toContain("code=stale-login");
    await undo(change.id);
  });

  test("when the sshd that let us in has another configuration in force", async () => {
    const change = await apply();
    await restartSshd(original);
    expect(await managed.confirm(change)).toMatchObject({ error: "not-loaded" });
    await restartSshd(change.content);
    await undo(change.id);
  });

  test("when that sshd lets every variable in: the decoy gives it away", async () => {
    const change = await apply();
    await restartSshd(`AcceptEnv *\n${original}`);
    expect(await managed.confirm(change)).toMatchObject({ error: "not-loaded" });
    await restartSshd(change.content);
    await undo(change.id);
  });

  test("when a person put an sshd of his own in the place of ours; what we changed is undone all the same", async () => {
    const change = await apply();
    await managed.host.write("/root/own_config", original);
    await restartSshd(change.content, "-f /root/own_config");
    expect(await managed.confirm(change)).toMatchObject({ error: "not-loaded" });
    await undo(change.id);
    await restartSshd(original);
  });

  test("when a value pretends to be the variable", async () => {
    const change = await apply();
    await restartSshd(original);
    const env = { LANG: `C\n${markerVariable(change.id)}=1` };
    const answer = await managed.ask(
      "confirm",
      { id: change.id, nonce: change.answer.headers.nonce ?? "" },
      { env },
    );
    expect(answer).toMatchObject({ error: "not-loaded" });
    await restartSshd(change.content);
    await undo(change.id);
  });

  test("after its deadline", async () => {
    const change = await apply(undefined, { deadline: 8 });
    await sleep(8_500);
    expect(await managed.confirm(change)).toMatchObject({ error: "late" });
    expect(await managed.waitForEnd()).toBe("rolled-back");
    await expectUntouched();
  });

  test("when somebody edited the file in between; it is rolled back, and that edit is kept aside", async () => {
    const change = await apply();
    await managed.host.write(mainConfig, `${change.content}# by hand\n`);
    expect(await managed.confirm(change)).toMatchObject({ error: "file-changed" });
    await undo(change.id);
    expect(await managed.host.read(`/var/lib/gatehouse/kept/${change.id}.edited`)).toBe(
      `${change.content}# by hand\n`,
    );
    expect((await managed.ask("history", { lines: 1 })).body.toString()).toContain("somebody's edit");
  });

  test("that never was", async () => {
    expect(await managed.ask("confirm", { id: newId(), nonce: "x" })).toMatchObject({ error: "not-applied" });
    expect(await managed.ask("cancel", { id: newId() })).toMatchObject({ error: "not-applied" });
  });
});

/** Ends the listening sshd and starts it with arguments; sshd_config holds `config` while it starts. */
async function restartSshd(config: string, sshdArguments = ""): Promise<void> {
  const { code, stderr } = await managed.host.exec(
    `listener() { pgrep -f '^sshd: .*\\[listener\\]'; }
     cp -p ${mainConfig} /root/live && cat >${mainConfig} && mkdir -p /run/sshd || exit 1
     kill "$(listener)"
     while listener >/dev/null; do sleep 0.1; done
     /usr/sbin/sshd ${sshdArguments} || exit 2
     until listener >/dev/null; do sleep 0.1; done
     cat /root/live >${mainConfig}`,
    { input: config },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}
