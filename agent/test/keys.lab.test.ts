import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import {
  giveBusybox,
  inShell,
  ManagedHost,
  newId,
  type Patch,
  type Shell,
  sha256,
  shortDeadlines,
} from "./managed-host";

const file = "/home/alice/.ssh/authorized_keys";
const rooted = "/etc/ssh/authorized_keys.d/alice";

let lab: Lab;
let folder: string;
beforeAll(async () => {
  lab = await openLab();
  folder = mkdtempSync(path.join(tmpdir(), "gatehouse-keys-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await lab?.close();
});

/** What hangs while it writes is ended soon, and so is the undoing that its owner keeps from ending. */
const quick: readonly Patch[] = [
  ["KEYS_SECONDS=10 ", "KEYS_SECONDS=4 "],
  ["KEYS_PLACE_SECONDS=90 ", "KEYS_PLACE_SECONDS=2 "],
];

/** A fresh key: where the private half lies, and the public line. */
function newKey(name: string): { key: string; line: string } {
  const key = path.join(folder, `${name}-${newId()}`);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key]);
  return { key, line: readFileSync(`${key}.pub`, "utf8") };
}

interface Applied {
  readonly id: string;
  readonly content: string;
  readonly answer: Awaited<ReturnType<ManagedHost["ask"]>>;
}

/** Puts `content` in place of an account's key file, as it stands now. */
async function apply(
  managed: ManagedHost,
  content: string,
  options: { account?: string; path?: string; base?: string; deadline?: number } = {},
): Promise<Applied> {
  const at = options.path ?? file;
  const id = newId();
  const there = await managed.host.exec(`[ -e '${at}' ]`);
  const base = options.base ?? (there.code === 0 ? sha256(await managed.host.readBytes(at)) : "absent");
  const answer = await managed.ask(
    "apply-keys",
    { id, account: options.account ?? "alice", file: sha256(at), base, deadline: options.deadline ?? 300 },
    { body: Buffer.from(content, "latin1") },
  );
  return { id, content, answer };
}

/** What alice's directory holds besides the file, and what is left of transactions. */
async function strays(managed: ManagedHost): Promise<string> {
  const { stdout } = await managed.host.exec(
    "find /home /etc/ssh -name '.gatehouse*'; ls -A /var/lib/gatehouse/tx",
  );
  return stdout;
}

const kinds: readonly { tree: Tree; shell: Shell }[] = [
  { tree: "bookworm", shell: "dash" },
  { tree: "trixie", shell: "busybox" },
];

describe.each(kinds)("keys of an account on $tree in $shell", ({ tree, shell }) => {
  let managed: ManagedHost;
  let original: Buffer;

  beforeAll(async () => {
    const host = await lab.start(tree);
    if (shell === "busybox") await giveBusybox(host);
    await host.write(
      "/etc/ssh/sshd_config.d/10-keys.conf",
      "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u\n",
    );
    await host.exec("kill -HUP $(cat /run/sshd.pid)");
    managed = await new ManagedHost(lab, host).installed([...inShell(shell), shortDeadlines, ...quick]);
    // Foreign lines of every sort: not UTF-8, CRLF, broken, and no newline at the end.
    await host.exec(`printf '# caf\\351\\r\\nthis is no key\\n\\n  # end' >>${file}; chmod 640 ${file}`);
    original = await host.readBytes(file);
  });
  afterAll(async () => {
    managed?.forget();
    await managed?.host.stop();
  });

  test("are read whole, with what may be written", async () => {
    const answer = await managed.ask("read-keys", { account: "alice" });
    expect(answer.message).toBe("");
    expect(answer.headers).toMatchObject({
      "file.1.path": file,
      "file.1.id": sha256(file),
      "file.1.inforce": "1",
      "file.1.state": "file",
      "file.1.place": "account",
      "file.1.mode": "640",
      "file.1.sha256": sha256(original),
      "file.1.reason": "",
      "file.2.path": rooted,
      "file.2.state": "absent",
      "file.2.place": "root",
    });
    expect(answer.body.subarray(0, original.length)).toEqual(original);
    expect(await managed.ask("read-keys", { account: "nobody-here" })).toMatchObject({ error: "refused" });
    expect(await managed.ask("read-keys", { account: "-x" })).toMatchObject({ error: "protocol" });
  });

  test("a key that is placed logs in, and one that is removed does not; every other byte stays", async () => {
    const { key, line } = newKey("placed");
    const before = original.toString("latin1");
    expect((await managed.host.login("alice", { key })).ok).toBe(false);
    const placed = await apply(managed, `${before}\n${line}`);
    expect(placed.answer.message).toBe("");
    expect(await managed.confirm(placed)).toMatchObject({ message: "", headers: { already: "0" } });
    expect(await managed.confirm(placed)).toMatchObject({ message: "", headers: { already: "1" } });
    expect((await managed.host.readBytes(file)).toString("latin1")).toBe(`${before}\n${line}`);
    expect((await managed.host.exec(`stat -c '%U:%G %a' ${file}`)).stdout).toBe("alice:alice 640\n");
    expect((await managed.host.login("alice", { key })).ok).toBe(true);
    expect(await strays(managed)).toBe("");

    const removed = await apply(managed, before);
    expect(await managed.confirm(removed)).toMatchObject({ message: "" });
    expect((await managed.host.login("alice", { key })).ok).toBe(false);
    expect((await managed.host.login("alice")).ok).toBe(true);
    expect(await managed.host.readBytes(file)).toEqual(original);
    expect(
      (await managed.host.exec(`grep -c ' ${placed.id} confirmed ' /var/lib/gatehouse/history`)).stdout,
    ).toBe("1\n");
  });

  test("what is not confirmed is undone by the host itself: bytes, owner, mode and inode", async () => {
    const image = await managed.imageOf(file);
    const { key, line } = newKey("forgotten");
    const change = await apply(managed, `${original.toString("latin1")}\n${line}`);
    expect(change.answer.message).toBe("");
    expect((await managed.host.login("alice", { key })).ok).toBe(true);
    // Its time is over: the watcher sees it.
    await managed.host.exec("sed -i 's/^deadline=.*/deadline=1/' /var/lib/gatehouse/state");
    expect(await managed.waitForEnd()).toBe("rolled-back");
    expect(await managed.imageOf(file)).toBe(image);
    expect((await managed.host.login("alice", { key })).ok).toBe(false);
    expect(await strays(managed)).toBe("");
    expect(await managed.confirm(change)).toMatchObject({ error: "late" });
  });

  test("undone without the second name of the old file: its bytes, owner and mode come from root's copy", async () => {
    const change = await apply(managed, `${original.toString("latin1")}\n${newKey("gone").line}`);
    await managed.host.exec("rm -f /home/alice/.ssh/.gatehouse-*.before");
    expect((await managed.ask("cancel", { id: change.id })).error).toBeNull();
    expect(await managed.host.readBytes(file)).toEqual(original);
    expect((await managed.host.exec(`stat -c '%U:%G %a' ${file}`)).stdout).toBe("alice:alice 640\n");
  });

  test("an edit in between is refused before, and kept beside after", async () => {
    const text = original.toString("latin1");
    const stale = await apply(managed, `${text}\n${newKey("x").line}`, { base: sha256("something else") });
    expect(stale.answer).toMatchObject({ error: "conflict" });
    const change = await apply(managed, `${text}\n${newKey("y").line}`);
    await managed.host.exec(`printf 'her own line\\n' >>${file}`);
    expect(await managed.confirm(change)).toMatchObject({ error: "file-changed" });
    expect((await managed.ask("cancel", { id: change.id })).error).toBeNull();
    expect(await managed.host.readBytes(file)).toEqual(original);
    const kept = `/home/alice/.ssh/.gatehouse-${change.id}.edited`;
    expect(await managed.host.read(kept)).toContain("her own line\n");
    expect((await managed.ask("status", { id: change.id })).headers.reason).toContain(
      `.gatehouse-${change.id}.edited`,
    );
    await managed.host.exec(`rm ${kept}`);
  });

  test("a file and a directory that were not there are made private, and undone are gone", async () => {
    await managed.host.exec("rm -rf /home/bob/.ssh");
    const path = "/home/bob/.ssh/authorized_keys";
    const { key, line } = newKey("first");
    const undone = await apply(managed, line, { account: "bob", path });
    expect(undone.answer.message).toBe("");
    expect((await managed.ask("cancel", { id: undone.id })).error).toBeNull();
    expect((await managed.host.exec("[ -e /home/bob/.ssh ]")).code).toBe(1);
    const kept = await apply(managed, line, { account: "bob", path });
    expect(await managed.confirm(kept)).toMatchObject({ message: "" });
    const made = await managed.host.exec(`stat -c '%U:%G %a' /home/bob/.ssh ${path}`);
    expect(made.stdout).toBe("bob:bob 700\nbob:bob 600\n");
    expect((await managed.host.login("bob", { key })).ok).toBe(true);
  });

  test("a file of root outside homes is written as root", async () => {
    const { key, line } = newKey("rooted");
    const change = await apply(managed, line, { path: rooted });
    expect(change.answer.message).toBe("");
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    expect((await managed.host.exec(`stat -c '%U:%G %a' ${rooted}`)).stdout).toBe("root:root 644\n");
    expect((await managed.host.login("alice", { key })).ok).toBe(true);
    const removed = await apply(managed, "", { path: rooted });
    expect((await managed.ask("cancel", { id: removed.id })).error).toBeNull();
    expect(await managed.host.read(rooted)).toBe(line);
  });

  test("modes that StrictModes refuses are made safe, and undone are as they were", async () => {
    const { host } = managed;
    const modes = () => host.exec(`stat -c %a /home/alice /home/alice/.ssh ${file}`);
    await host.exec(`chmod 775 /home/alice /home/alice/.ssh; chmod 666 ${file}`);
    expect((await host.login("alice")).ok).toBe(false);
    const { headers } = await managed.ask("read-keys", { account: "alice" });
    expect(headers).toMatchObject({ "file.1.modes": "775,775,666", "file.1.safe": "755,700,600" });
    const repair = async (base = "775,775,666") => {
      const id = newId();
      const request = { id, account: "alice", file: sha256(file), base: sha256(base), deadline: 300 };
      const answer = await managed.ask("repair-modes", { ...request, sha256: sha256("755,700,600") });
      return { id, content: "", answer };
    };
    expect((await repair("777,775,666")).answer.error).toBe("conflict");
    const undone = await repair();
    expect(undone.answer.message).toBe("");
    expect((await modes()).stdout).toBe("755\n700\n600\n");
    expect((await managed.ask("cancel", { id: undone.id })).message).toBe("");
    expect((await modes()).stdout).toBe("775\n775\n666\n");
    const kept = await repair();
    expect(await managed.confirm(kept)).toMatchObject({ message: "", headers: { already: "0" } });
    expect((await modes()).stdout).toBe("755\n700\n600\n");
    expect((await host.login("alice")).ok).toBe(true);
    expect((await repair("755,700,600")).answer).toMatchObject({ error: "refused" });
    await host.exec(`chmod 640 ${file}`);
  });

  test("a place that its owner has made another cannot hold up the host: the old file is kept", async () => {
    const { host } = managed;
    await host.exec("mkdir -p /root/victim && touch /root/victim/authorized_keys");
    const change = await apply(managed, `${original.toString("latin1")}\n${newKey("moved").line}`);
    expect(change.answer.message).toBe("");
    await host.exec("mv /home/alice/.ssh /home/alice/own && ln -s /root/victim /home/alice/.ssh");
    expect(await managed.ask("cancel", { id: change.id })).toMatchObject({ error: "internal" });
    expect(await managed.waitForEnd()).toBe("rolled-back");
    const { reason, restored } = (await managed.ask("status", { id: change.id })).headers;
    expect([reason, restored]).toEqual([expect.stringContaining("NOT put back"), "0"]);
    expect(await host.readBytes(`/var/lib/gatehouse/kept/${change.id}.before`)).toEqual(original);
    expect((await host.exec("ls -A /root/victim; cat /root/victim/*")).stdout).toBe("authorized_keys\n");
    await host.exec(
      "rm /home/alice/.ssh && mv /home/alice/own /home/alice/.ssh && rm -f /home/alice/.ssh/.gatehouse-*",
    );
    await host.write("/root/keys", original);
    await host.exec(`cat /root/keys >${file}`);
  });

  test("an edit between the look and the write is refused and stays", async () => {
    const { host } = managed;
    const agent = await host.read("/usr/local/libexec/gatehouse-agent");
    const theirs = `${original.toString("latin1")}\n${newKey("theirs").line}`;
    await host.write("/root/theirs", Buffer.from(theirs, "latin1"));
    const at = "    write_keys || case";
    expect(agent.split(at)).toHaveLength(2);
    await host.write(
      "/usr/local/libexec/gatehouse-edited",
      agent.replace(at, () => `    cat /root/theirs >${file}\n${at}`),
      "755",
    );
    const id = newId();
    const body = Buffer.concat([original, Buffer.from(`\n${newKey("ours").line}`)]);
    const head = `id=${id}\naccount=alice\nfile=${sha256(file)}\nbase=${sha256(original)}\ndeadline=30\n`;
    const { stdout } = await host.exec("/usr/local/libexec/gatehouse-edited rpc", {
      input: Buffer.concat([
        Buffer.from(`GATEHOUSE/1 apply-keys ${head.length} ${body.length}\n${head}`),
        body,
      ]),
    });
    expect(stdout).toMatch(/^code=conflict\nmessage=.*in this very moment\. Nothing was changed\.$/m);
    expect((await host.readBytes(file)).toString("latin1")).toBe(theirs);
    expect(await strays(managed)).toBe("");
    await host.write("/root/keys", original);
    await host.exec(`cat /root/keys >${file}`);
    // An older change by now: what became of it is in the history.
    const next = await apply(managed, theirs);
    expect((await managed.ask("cancel", { id: next.id })).error).toBeNull();
    expect((await managed.ask("status", { id })).headers).toMatchObject({
      verdict: "rolled-back",
      reason: "edited on the host in between",
      restored: "0",
    });
  });

  test("a home directory of root's, as for SFTP, gets a file that its account can read", async () => {
    const { host } = managed;
    await host.exec("rm -rf /home/bob/.ssh && chown root: /home/bob && chmod 755 /home/bob");
    const path = "/home/bob/.ssh/authorized_keys";
    const { key, line } = newKey("jailed");
    const change = await apply(managed, line, { account: "bob", path });
    expect(change.answer.message).toBe("");
    expect((await host.exec(`stat -c '%U %a' /home/bob/.ssh ${path}`)).stdout).toBe("root 755\nroot 644\n");
    expect((await host.login("bob", { key })).ok).toBe(true);
    expect(await managed.confirm(change)).toMatchObject({ message: "" });
    await host.exec("rm -rf /home/bob/.ssh && chown bob: /home/bob");
  });

  test("killed in the middle, it is undone or done, never half", async () => {
    const image = await managed.imageOf(file);
    const agent = await managed.host.read("/usr/local/libexec/gatehouse-agent");
    const [write, restore] = [agent.indexOf("\nwrite)\n"), agent.indexOf("\nrestore)\n")];
    // Every step in one shell, in the other the one that counts.
    const steps = ['cp -p "$name" "$fresh"', 'ln "$name" "$kept"', 'mv -f "$fresh" "$name"', "durable .\n"];
    for (const step of shell === "dash" ? steps : steps.slice(2, 3)) {
      const at = agent.indexOf(step, write);
      expect(at).toBeLessThan(restore);
      // The writing process stops here; then the verb dies. What is left of it ends by itself, and the host undoes.
      const stopping = `${agent.slice(0, at)}touch /tmp/at-step; sleep 600; ${agent.slice(at)}`;
      await managed.host.write("/usr/local/libexec/gatehouse-stopping", stopping, "755");
      const body = Buffer.concat([original, Buffer.from(`\n${newKey("killed").line}`)]);
      const head = `id=${newId()}\naccount=alice\nfile=${sha256(file)}\nbase=${sha256(original)}\ndeadline=30\n`;
      const input = Buffer.concat([
        Buffer.from(`GATEHOUSE/1 apply-keys ${head.length} ${body.length}\n${head}`),
        body,
      ]);
      const killed = await managed.host.exec(
        `rm -f /tmp/at-step; cat >/root/request
         /usr/local/libexec/gatehouse-stopping rpc </root/request >/dev/null 2>&1 & verb=$!
         until [ -e /tmp/at-step ]; do sleep 0.1; kill -0 $verb || exit 9; done
         kill -9 $verb; grep ^state= /var/lib/gatehouse/state`,
        { input },
      );
      expect(killed).toMatchObject({ code: 0, stdout: "state=armed\n" });
      expect(await managed.waitForEnd(60)).toBe("rolled-back");
      expect(await managed.imageOf(file)).toBe(image);
      expect(await strays(managed)).toBe("");
    }
  });
});

/** A few hundred every day; `npm run test:key-race` takes ten thousand. */
const raceRounds = Number(process.env.GATEHOUSE_RACE_ROUNDS ?? 150);
/** Patience: a round took one second with thirty programs waiting for two cores. */
const raceSeconds = 120 + raceRounds * 3;
/** So many in one scene. Each has its line, so that a campaign that somebody ends has told how far it came. */
const sceneRounds = 500;

describe("what stands in the way of a key file", () => {
  let managed: ManagedHost;

  beforeAll(async () => {
    const host = await lab.start("bookworm");
    managed = await new ManagedHost(lab, host).installed([shortDeadlines]);
    await host.exec(
      `cp -a /home/alice /root/alice; mkdir /root/victim
       printf 'root only\n' >/root/victim/authorized_keys; mkdir /home/alice-old && cp -a /home/alice/. /home/alice-old`,
    );
  });
  afterAll(async () => {
    managed?.forget();
    await managed?.host.stop();
  });

  const traps: readonly (readonly [what: string, script: string])[] = [
    ["the file is a link to root's", "ln -sf /root/victim/authorized_keys $s/authorized_keys"],
    ["the file is a link to /etc/shadow", "ln -sf /etc/shadow $s/authorized_keys"],
    ["the file is a dangling link", "ln -sf /etc/ssh/not-there $s/authorized_keys"],
    ["the file is a link to itself", "ln -sf authorized_keys $s/authorized_keys"],
    [
      "the file is a link to another of her own",
      "mv $s/authorized_keys $s/own; ln -s own $s/authorized_keys",
    ],
    ["the file is a FIFO", "rm $s/authorized_keys; mkfifo -m 666 $s/authorized_keys"],
    ["the file is a directory", "rm $s/authorized_keys; mkdir $s/authorized_keys"],
    ["the file is a device", "rm $s/authorized_keys; mknod -m 666 $s/authorized_keys c 1 7"],
    [
      "the file is a socket",
      "rm $s/authorized_keys; perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local=>shift,Listen=>1)' $s/authorized_keys",
    ],
    ["the file has a second name", "ln $s/authorized_keys $s/second"],
    ["the file has a second name elsewhere", "ln $s/authorized_keys /home/elsewhere"],
    ["the file is root's", "chown root: $s/authorized_keys"],
    ["the file is bob's", "chown bob: $s/authorized_keys; chmod 644 $s/authorized_keys"],
    [".ssh is a link to /", "mv $s $h/own; ln -s / $s"],
    [".ssh is a link to root's directory", "mv $s $h/own; ln -s /root/victim $s"],
    [
      ".ssh is a link to /etc/ssh/authorized_keys.d",
      "mv $s $h/own; mkdir -p /etc/ssh/authorized_keys.d; ln -s /etc/ssh/authorized_keys.d $s",
    ],
    [".ssh is a link to bob's", "mv $s $h/own; ln -s /home/bob/.ssh $s"],
    [".ssh is a dangling link", "mv $s $h/own; ln -s /etc/not-there $s"],
    [".ssh is root's", "chown root: $s; chmod 755 $s"],
    [".ssh is bob's, for all to write", "chown bob: $s; chmod 777 $s"],
    [".ssh is a file", "mv $s $h/own; : >$s"],
    ["the home directory is bob's", "chown bob: $h; chmod 777 $h"],
    ["the home directory is a link to bob's", "mv $h $h.own; ln -s /home/bob $h"],
    ["the home directory is gone", "mv $h $h.own"],
  ];

  test(`is refused and left as it is, ${traps.length} traps of them`, async () => {
    const { line } = newKey("trapped");
    const { host } = managed;
    // One shell a trap, since each login would cost more than all else: sets it, asks, looks, and takes it away.
    const script = `
      watched() {
        find /home /root/victim /etc/ssh /etc/shadow -printf '%p %u %g %m %y %s %l\\n' | sort
        cat /root/victim/* /etc/shadow /home/bob/.ssh/authorized_keys
      }
      h=/home/alice s=/home/alice/.ssh
      eval "$TRAP"
      watched >/root/before
      base=$(timeout 2 sh -c 'sha256sum <${file}' 2>/dev/null); base=\${base%% *}
      head="id=$ID
account=alice
file=${sha256(file)}
base=\${base:-absent}
deadline=30
"
      printf 'GATEHOUSE/1 apply-keys %s %s\\n%s%s' "\${#head}" "\${#LINE}" "$head" "$LINE" | /usr/local/libexec/gatehouse-agent rpc
      watched | diff /root/before - >&2
      rm -rf /home/alice /home/alice.own /home/elsewhere /etc/ssh/authorized_keys.d/*alice*
      cp -a /root/alice /home/alice`;
    for (const [what, trap] of traps) {
      const { stdout, stderr } = await host.exec(script, { env: { TRAP: trap, ID: newId(), LINE: line } });
      expect([what, stderr, stdout]).toEqual([
        what,
        "",
        expect.stringMatching(/^GATEHOUSE\/1 error .*\ncode=refused\nmessage=.*alice\/\.ssh/),
      ]);
    }
    expect((await managed.ask("hello")).headers["tx.state"]).toBe("idle");
  });

  test("a configuration that leads to what is no key file gets nothing written", async () => {
    const { host } = managed;
    await host.write(
      "/etc/ssh/sshd_config.d/10-keys.conf",
      "AuthorizedKeysFile /etc/shared_keys /etc/cron.d/%u\n",
    );
    expect((await apply(managed, newKey("x").line, { path: "/etc/shared_keys" })).answer).toMatchObject({
      error: "refused",
      message: expect.stringContaining("shared by every account"),
    });
    const cron = await apply(managed, "* * * * * root touch /root/owned\n", { path: "/etc/cron.d/alice" });
    expect(cron.answer).toMatchObject({
      error: "refused",
      message: expect.stringContaining("holds no public key"),
    });
    expect((await apply(managed, newKey("x").line)).answer).toMatchObject({ error: "unknown-file" });
    await host.exec("rm /etc/ssh/sshd_config.d/10-keys.conf");
  });

  test("the key of Gatehouse itself is never changed", async () => {
    const { stdout } = await managed.host.exec("sed -n 's/^key-file=//p' /var/lib/gatehouse/installed");
    const path = stdout.trim();
    const { answer } = await apply(managed, "", { account: "gatehouse", path });
    expect(answer).toMatchObject({ error: "refused", message: expect.stringContaining("Gatehouse itself") });
  });

  test(
    "a race with the account's owner touches nothing that is not hers",
    async () => {
      const { host } = managed;
      await host.write("/root/race.sh", readFileSync(path.join(import.meta.dirname, "keys-race.sh")));
      const race = async (count: number, how: string) => {
        const { stdout, stderr } = await host.exec(
          `sh /root/race.sh /usr/local/libexec/gatehouse-agent ${count} ${how}`,
          { timeoutSeconds: raceSeconds },
        );
        const numbers = /^rounds=(\d+) done=(\d+) other=(\d+) hits=(\d+)$/m
          .exec(stdout)
          ?.slice(1)
          .map(Number);
        return numbers ?? expect.fail(`no numbers: ${stdout} ${stderr}`);
      };
      // The attack works: who writes as root by the path is led astray.
      const [, , , naiveHits = 0] = await race(200, "naive");
      expect(naiveHits).toBeGreaterThan(0);
      const all = { done: 0, wrote: 0, refused: 0, hits: 0 };
      while (all.done < raceRounds) {
        const count = Math.min(sceneRounds, raceRounds - all.done);
        const [done = 0, wrote = 0, refused = 0, hits = 0] = await race(count, "agent");
        expect([done, wrote + refused]).toEqual([count, count]);
        all.done += done;
        all.wrote += wrote;
        all.refused += refused;
        all.hits += hits;
        if (process.env.GATEHOUSE_RACE_ROUNDS)
          console.log(
            `rounds ${all.done}, written ${all.wrote}, refused ${all.refused}, outside ${all.hits}`,
          );
        expect(all.hits).toBe(0);
      }
      // She was quick enough to be met, so this was a race.
      expect(all.refused).toBeGreaterThan(0);
    },
    2 * raceSeconds * 1000,
  );
});
