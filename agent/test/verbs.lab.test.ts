import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { fileIdOf } from "@/lib/agent/file-id";
import { readAccounts, readFiles, readHello } from "@/lib/agent/read-answer";
import { type AgentAnswer, ManagedHost, mainConfig, sha256 } from "./managed-host";

let lab: Lab;
let managed: ManagedHost;
const dropIns = "/etc/ssh/sshd_config.d";

beforeAll(async () => {
  lab = await openLab();
  const host = await lab.start("trixie");
  await host.write(
    `${dropIns}/20-b.conf`,
    'Include "/etc/ssh/extra dir/*.conf" # a comment\nInclude nothing/*.conf\n',
  );
  await host.write(`${dropIns}/10-a.conf`, "LogLevel VERBOSE\n", "600");
  await host.exec("mkdir '/etc/ssh/extra dir'");
  await host.write(
    "/etc/ssh/extra dir/x.conf",
    Buffer.from("X11Forwarding no\n# \xff no UTF-8, no line end", "latin1"),
  );
  managed = await new ManagedHost(lab, host).installed();
});
afterAll(async () => {
  managed?.forget();
  await lab?.close();
});

/** The sections of a `check` answer's body, by the sizes in its header. */
function sections(answer: AgentAnswer, names: readonly string[]): string[] {
  let offset = 0;
  return names.map((name) => {
    const end = offset + Number(answer.headers[name]);
    const text = answer.body.subarray(offset, end).toString();
    offset = end;
    return text;
  });
}

test("hello tells what the dashboard's own reader understands", async () => {
  const { headers, body } = await managed.ask("hello");
  const hello = readHello({ headers, body });
  expect(hello).toMatchObject({
    osId: "debian",
    osVersion: "13",
    init: "none",
    sshdUnit: "none",
    originalKept: true,
  });
  expect(hello.sshdVersion).toMatch(/^OpenSSH_10\.0/);
  expect(hello.sshdPackage).toMatch(/^1:10\.0p1/);
  expect(hello.listen).toEqual(["0.0.0.0:22", "[::]:22"]);
  expect(hello.hostKeys).toHaveLength(managed.host.hostKeys.length);
  expect(Math.abs(hello.clockSeconds - Date.now() / 1000)).toBeLessThan(30);
});

test("accounts tells what each password is worth", async () => {
  await managed.host.exec(
    "useradd -m locked; useradd -m open; passwd -d open; useradd star; usermod -p '*' star; usermod -L bob",
  );
  const { headers, body } = await managed.ask("accounts");
  const locks = Object.fromEntries(readAccounts({ headers, body }).map(({ name, lock }) => [name, lock]));
  expect(locks).toMatchObject({ alice: "P", bob: "!", locked: "!", open: "L", star: "*", gatehouse: "*" });
});

describe("read-config", () => {
  test("gives the files in sshd's reading order, each once, byte for byte", async () => {
    const { headers, body } = await managed.ask("read-config");
    const files = readFiles({ headers, body });
    expect(
      files.map(({ path, depth, includedFrom }) => [path, depth, includedFrom?.replace(/:\d+$/, "") ?? null]),
    ).toEqual([
      [mainConfig, 0, null],
      [`${dropIns}/10-a.conf`, 1, mainConfig],
      [`${dropIns}/20-b.conf`, 1, mainConfig],
      ["/etc/ssh/extra dir/x.conf", 2, `${dropIns}/20-b.conf`],
    ]);
    for (const { path, content } of files) expect(content).toEqual(await managed.host.readBytes(path));
    expect(files[1]).toMatchObject({ mode: "600", owner: "root", group: "root" });
  });

  test("skips names that the wire cannot carry, and counts them", async () => {
    await managed.host.exec(
      `printf 'LogLevel INFO\\n' | tee "$(printf '${dropIns}/30-new\\nline.conf')" "$(printf '${dropIns}/30-\\377.conf')"`,
    );
    const { headers } = await managed.ask("read-config");
    await managed.host.exec(`rm ${dropIns}/30-*`);
    expect(headers).toMatchObject({ files: "4", skipped: "2" });
  });

  test("refuses a file that is too large, and reads no more than 64", async () => {
    await managed.host.exec(`head -c 140000 /dev/zero | tr '\\0' '#' >${dropIns}/30-large.conf`);
    expect(await managed.ask("read-config")).toMatchObject({ error: "too-large" });
    await managed.host.exec(
      `rm ${dropIns}/30-*; for n in $(seq 100 170); do echo '# empty' >${dropIns}/40-$n.conf; done`,
    );
    const { headers } = await managed.ask("read-config");
    await managed.host.exec(`rm ${dropIns}/40-*`);
    expect(headers.files).toBe("64");
    expect(Number(headers.skipped)).toBe(71 + 4 - 64);
  });

  test("ends with files that include each other", async () => {
    await managed.host.write(`${dropIns}/30-loop.conf`, "Include sshd_config.d/30-*.conf\n");
    const { headers } = await managed.ask("read-config");
    await managed.host.exec(`rm ${dropIns}/30-*`);
    expect(headers.files).toBe("5");
  });
});

describe("check", () => {
  const check = (file: string, text: string, specs: string[] = [], base?: string) => {
    const headers = Object.fromEntries(specs.map((spec, index) => [`spec.${index + 1}`, spec]));
    return managed.ask(
      "check",
      { file: fileIdOf(file), ...(base ? { base } : {}), ...headers },
      { body: text },
    );
  };

  test("says what sshd says, naming the file that the person edits", async () => {
    const text = await managed.host.read(mainConfig);
    const answer = await check(mainConfig, `${text}\nPermitRootLogin perhaps\nNonsense 1\n`);
    expect(answer.headers["t.code"]).toBe("255");
    const [said = ""] = sections(answer, ["t.bytes"]);
    expect(said).toContain(`${mainConfig} line`);
    expect(said).not.toContain("/var/lib/gatehouse");
  });

  test("says in which groups the management account is, and where its key is read from then on", async () => {
    const specs = ["user=bob,host=x,addr=192.0.2.7", "user=gatehouse,host=x,addr=192.0.2.7"];
    await managed.host.exec("groupadd ssh-users && usermod -a -G ssh-users gatehouse");
    const text = await managed.host.read(mainConfig);
    const pattern = (await managed.host.read("/var/lib/gatehouse/installed")).match(/^key-file=(.*)$/m)?.[1];
    const kept = await check(mainConfig, `AuthorizedKeysFile /etc/ssh/no/%u ${pattern}\n${text}`, specs);
    expect(kept.headers).toMatchObject({ "own.groups": "gatehouse ssh-users", "own.key": pattern });
    const gone = await check(mainConfig, `AuthorizedKeysFile /etc/ssh/no/%u\n${text}`, specs);
    expect(gone.headers["own.key"]).toBe("");
    const others = await check(mainConfig, text, specs.slice(0, 1));
    expect(others.headers["own.key"]).toBeUndefined();
    await managed.host.exec("groupdel ssh-users");
  });

  test("compares what is in force for each connection, before and after", async () => {
    const file = `${dropIns}/10-a.conf`;
    const text =
      "Match User bob Address 192.0.2.0/24\n\tX11Forwarding no\n\tMaxSessions 3\nMatch LocalPort 2222\n\tBanner none\n";
    const answer = await check(file, text, [
      "user=bob,host=x,addr=192.0.2.7",
      "user=alice,host=x,addr=192.0.2.7,laddr=10.0.0.1,lport=22",
    ]);
    expect(answer.headers).toMatchObject({
      "t.code": "0",
      "before.code.1": "0",
      "after.code.1": "0",
      "after.code.2": "0",
    });
    const names = ["t.bytes", "before.bytes.1", "after.bytes.1", "before.bytes.2", "after.bytes.2"];
    const [said, bobBefore = "", bobAfter = "", , aliceAfter = ""] = sections(answer, names);
    expect(said).toBe("");
    expect(/^maxsessions .*$/m.exec(bobBefore)?.[0]).toBe("maxsessions 10");
    expect(/^maxsessions .*$/m.exec(bobAfter)?.[0]).toBe("maxsessions 3");
    expect(/^maxsessions .*$/m.exec(aliceAfter)?.[0]).toBe("maxsessions 10");
    expect(await managed.host.read(file)).toBe("LogLevel VERBOSE\n");
  });

  test("refuses a draft of another file, and a connection that is none", async () => {
    expect(await check(mainConfig, "x\n", [], sha256("other"))).toMatchObject({ error: "conflict" });
    expect(await check(mainConfig, "x\n", ["user=$(id)"])).toMatchObject({ error: "protocol" });
    expect(await check(mainConfig, "x\n", ["-oBanner=/x"])).toMatchObject({ error: "protocol" });
  });

  test("leaves nothing behind", async () => {
    await check(mainConfig, "Banner none\n");
    expect((await managed.host.exec("ls -A /var/lib/gatehouse/work")).stdout).toBe("");
  });
});

test("status and history tell of changes that are over", async () => {
  const undone = await managed.apply(`${await managed.host.read(mainConfig)}\nMaxSessions 3\n`);
  expect((await managed.ask("status")).headers).toMatchObject({
    state: "applied",
    id: undone.id,
    verdict: "pending",
  });
  await managed.ask("cancel", { id: undone.id });
  const kept = await managed.apply(`${await managed.host.read(mainConfig)}\nMaxSessions 4\n`);
  expect(await managed.confirm(kept)).toMatchObject({ error: null });
  expect((await managed.ask("status", { id: undone.id })).headers).toMatchObject({
    id: undone.id,
    verdict: "rolled-back",
    reason: "cancelled",
    restored: "1",
  });
  expect((await managed.ask("status", { id: kept.id })).headers).toMatchObject({
    state: "confirmed",
    verdict: "confirmed",
    restored: "",
  });
  expect((await managed.ask("status", { id: "never" })).headers).toMatchObject({ verdict: "unknown" });
  const history = (await managed.ask("history", { lines: 2 })).body.toString().trim().split("\n");
  expect(history[0]).toMatch(
    new RegExp(
      `^\\S+Z ${undone.id} rolled-back ${mainConfig} before=\\w{64} after=\\w{64} restored=1 cancelled$`,
    ),
  );
  expect(history[1]).toContain(` ${kept.id} confirmed `);
  expect((await managed.host.exec("grep -c 'gatehouse-agent.*confirmed' /var/log/syslog")).stdout).not.toBe(
    "0\n",
  );
});

describe("witness", () => {
  const file = "/var/lib/gatehouse/witness";
  const line = (row: string, hash = "a") =>
    `${row} ${hash.repeat(64)} 2026-11-23T12:00:00.000Z ${"b".repeat(64)} ${"c".repeat(128)}`;
  const show = async (text: string) => {
    const { error, headers, body } = await managed.ask("witness", { line: text });
    return { error, kept: headers.kept, lines: body.toString().trimEnd().split("\n") };
  };
  /** The agent keeps a line an hour at most. */
  const anHourPasses = () => managed.host.exec(`touch -d '2 hours ago' ${file}`);

  test("keeps what goes on from its last line, and shows it again", async () => {
    expect(await show(line("5"))).toEqual({ error: null, kept: "1", lines: [line("5")] });
    expect(await show(line("5"))).toEqual({ error: null, kept: "0", lines: [line("5")] });
    await anHourPasses();
    expect(await show(line("900000000000000000"))).toMatchObject({ kept: "1" });
    expect(await managed.host.read(file)).toBe(`${line("5")}\n${line("900000000000000000")}\n`);
    expect((await managed.host.exec(`stat -c '%U %a' ${file}`)).stdout).toBe("root 600\n");
  });

  test("is pushed out of it neither by haste nor by a chain that begins anew; its own log names that", async () => {
    const before = await managed.host.read(file);
    expect(await show(line("900000000000000001"))).toMatchObject({ kept: "0" });
    await anHourPasses();
    for (const other of [line("6"), line("5", "d"), line("900000000000000000", "d")])
      expect(await show(other)).toMatchObject({ error: null, kept: "0" });
    expect(await managed.host.read(file)).toBe(before);
    const { stdout } = await managed.host.exec("grep -c 'witness: row .* not kept' /var/log/syslog");
    expect(stdout.trim()).toBe("3");
  });

  test.each([
    "",
    line("5").slice(1),
    line("1234567890123456789"),
    `${line("7")}0`,
    line("7").replace("b", "B"),
    line("7").replace("2026", "$(id)"),
    `-n ${line("7").slice(2)}`,
  ])("refuses what is no checkpoint: %s", async (text) => {
    const before = await managed.host.read(file);
    expect(await show(text)).toMatchObject({ error: "protocol" });
    expect(await managed.host.read(file)).toBe(before);
  });

  test("forgets the oldest lines only, and answers with the newest hundred", async () => {
    const lines = Array.from({ length: 4000 }, (_, index) => line(String(index + 1)));
    await managed.host.write(file, `${lines.join("\n")}\n`, "600");
    await anHourPasses();
    const answer = await show(line("4001"));
    expect(answer).toMatchObject({ kept: "1" });
    expect(answer.lines).toEqual([...lines.slice(-99), line("4001")]);
    expect(await managed.host.read(file)).toBe(`${[...lines.slice(1), line("4001")].join("\n")}\n`);
  });

  test("says so when the disk is full, and keeps what it had", async () => {
    await managed.host.exec("rm -rf /root/witness; cp -a /var/lib/gatehouse/witness /root/witness");
    const before = await managed.host.read(file);
    await managed.host.exec(
      `cp -a /var/lib/gatehouse /root/state && mount -t tmpfs -o size=2m none /var/lib/gatehouse && cp -a /root/state/. /var/lib/gatehouse/`,
    );
    await anHourPasses();
    await managed.host.exec("dd if=/dev/zero of=/var/lib/gatehouse/filler bs=4k 2>/dev/null");
    const answer = await show(line("4002"));
    expect(answer.error).toBe("no-space");
    expect(await managed.host.read(file)).toBe(before);
    await managed.host.exec("umount /var/lib/gatehouse; rm -rf /root/state /root/witness");
  });
});

/**
 * The host's own package of the module, built again from its files into a repository of one, and then removed: hosts of
 * the lab have no way out to a mirror.
 */
const withoutModule = `set -e
  package=libpam-google-authenticator; mkdir -p /srv/lab-codes/tree/DEBIAN; cd /srv/lab-codes
  dpkg-query -L "$package" | while read -r file; do
    if [ -f "$file" ]; then mkdir -p "tree\${file%/*}"; cp -a "$file" "tree$file"; fi
  done
  dpkg-query -s "$package" | grep -v '^Status:' >tree/DEBIAN/control
  for script in preinst postinst prerm postrm; do
    if [ -f "/var/lib/dpkg/info/$package.$script" ]; then cp -p "/var/lib/dpkg/info/$package.$script" "tree/DEBIAN/$script"; fi
  done
  dpkg-deb -b tree codes.deb
  { dpkg-deb -f codes.deb; printf 'Filename: ./codes.deb\nSize: %s\nSHA256: %s\n' "$(stat -c %s codes.deb)" "$(sha256sum codes.deb | cut -d ' ' -f 1)"; } >Packages
  printf 'deb [trusted=yes] file:/srv/lab-codes ./\n' >/etc/apt/sources.list.d/codes.list
  dpkg -P "$package"`;

test("packages brings the module of one-time codes by the package manager, and touches nothing of PAM", async () => {
  const { code, stderr } = await managed.host.exec(withoutModule);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  const pam = () => managed.host.exec("cd /etc/pam.d && sha256sum *");
  const before = await pam();
  expect((await managed.ask("read-codes")).headers).toMatchObject({ present: "0", module: "" });
  const answer = await managed.ask(
    "packages",
    { action: "install", name: "libpam-google-authenticator" },
    { timeoutSeconds: 110 },
  );
  expect(answer.headers).toMatchObject({ code: "0", version: expect.stringMatching(/^20\d{6}/) });
  expect(answer.parts.toString()).toContain("Setting up libpam-google-authenticator");
  const { headers } = await managed.ask("read-codes");
  expect(headers).toMatchObject({ present: "1", module: answer.headers.version });
  expect(await pam()).toEqual(before);
});

test("packages upgrades sshd by the package manager, its output live, and keeps the configuration", async () => {
  await managed.host.write(
    "/etc/apt/sources.list.d/newer.list",
    "deb [trusted=yes] file:/srv/lab-packages/newer ./\n",
  );
  const config = await managed.host.read(mainConfig);
  const before = (await managed.ask("hello")).headers["sshd.package"];
  const answer = await managed.ask(
    "packages",
    { action: "upgrade", name: "openssh-server" },
    { timeoutSeconds: 110 },
  );
  expect(answer.headers).toMatchObject({ code: "0", version: `${before}+lab1` });
  expect(answer.parts.toString()).toContain("Setting up openssh-server");
  expect(await managed.host.read(mainConfig)).toBe(config);
  expect(await managed.ask("packages", { action: "remove", name: "openssh-server" })).toMatchObject({
    error: "protocol",
  });
  expect(await managed.ask("packages", { action: "install", name: "telnetd" })).toMatchObject({
    error: "refused",
  });
});
