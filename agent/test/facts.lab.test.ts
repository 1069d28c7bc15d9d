import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { type FactsReading, readFacts } from "@/lib/agent/read-facts";
import { type AgentAnswer, inShell, ManagedHost, type Patch } from "./managed-host";

const key = (comment: string) =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1QZmFrZWtleWZvcnRlc3Rpbmdvbmx5MDAwMDAw ${comment}`;
const otpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEH";
const scratchCode = "69000714";

/** People, their files, and traps in them. */
const arrangement = `
set -e
for name in carol dave eve frank grace; do useradd -m -s /bin/bash "$name"; mkdir -m 700 "/home/$name/.ssh"; chown "$name": "/home/$name/.ssh"; done
usermod -L bob; chage -E 2020-01-02 grace; groupadd ops; gpasswd -a frank ops >/dev/null
printf '%%ops ALL=(ALL) NOPASSWD: ALL\\ncarol ALL=(root) /bin/ls\\n' >/etc/sudoers.d/ops; chmod 440 /etc/sudoers.d/ops

printf '%s\\n' '# a secret in a comment' '' 'from="192.0.2.0/24",command="/bin/x y" ${key("alice")}' 'cert-authority,bogus ${key("odd")}' '-----BEGIN OPENSSH PRIVATE KEY-----' 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU' >/home/alice/.ssh/authorized_keys
printf '%s\\n' '${otpSecret}' '" TOTP_AUTH' '${scratchCode}' >/home/alice/.google_authenticator
chown alice: /home/alice/.google_authenticator; chmod 400 /home/alice/.google_authenticator; chmod 775 /home/alice/.ssh
ln -sf /etc/shadow /home/bob/.ssh/authorized_keys
cp /etc/shadow /home/carol/.ssh/authorized_keys; printf '%s\\n' '${key("carol")}' >>/home/carol/.ssh/authorized_keys; chown carol: /home/carol/.ssh/authorized_keys
mkfifo /home/dave/.ssh/authorized_keys; chown dave: /home/dave/.ssh/authorized_keys
mkdir -p -m 700 /root/.ssh; printf '%s\\n' '${key("of-root")}' >/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys
rm -rf /home/eve/.ssh; ln -s /root/.ssh /home/eve/.ssh
mkdir /srv/people; mv /home/frank /srv/people/frank; ln -s /srv/people /people; usermod -d /people/frank frank
printf '%s\\n' '${key("frank")}' >/srv/people/frank/.ssh/authorized_keys; chown -R frank: /srv/people/frank; chmod 644 /srv/people/frank/.ssh/authorized_keys
mkdir /etc/ssh/keys; printf '%s\\n' '${key("grace")}' >/etc/ssh/keys/grace
ssh-keygen -q -k -f /etc/ssh/revoked /etc/ssh/ssh_host_ed25519_key.pub
mkdir -p /etc/ssh/principals; printf 'alice\\nwebteam\\n' >/etc/ssh/principals/alice; cp /etc/shadow /etc/ssh/principals/root
`;
const config = `TrustedUserCAKeys /etc/shadow
RevokedKeys /etc/ssh/revoked
AuthorizedPrincipalsFile /etc/ssh/principals/%u
AuthorizedKeysCommand /usr/bin/true %u
AuthorizedKeysCommandUser nobody
Match User grace
	AuthorizedKeysFile /etc/ssh/keys/%u none "%h/.ssh/authorized_keys"
Match all
`;

const cases: { name: string; tree: Tree; patches: Patch[] }[] = [
  { name: "OpenSSH 8.4", tree: "bullseye", patches: [] },
  { name: "OpenSSH 9.2 with bash", tree: "bookworm", patches: inShell("bash") },
  { name: "OpenSSH 10.0 with busybox", tree: "trixie", patches: inShell("busybox") },
  { name: "OpenSSH 10.0 with systemd", tree: "trixie-systemd", patches: [] },
];

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab?.close();
});

describe.each(cases)("facts of $name", ({ tree, patches }) => {
  let managed: ManagedHost;
  let raw: AgentAnswer;
  let reading: FactsReading;

  beforeAll(async () => {
    const host = await lab.start(tree);
    const { code, stderr } = await host.exec(arrangement);
    if (code !== 0) throw new Error(stderr);
    managed = await new ManagedHost(lab, host).installed(patches);
    await host.write("/etc/ssh/sshd_config.d/10-people.conf", config);
    raw = await managed.ask("facts");
    reading = readFacts(raw, new Date());
  });
  afterAll(() => managed?.forget());

  const facts = () => {
    if (!reading.facts) throw new Error("The host says that nothing has changed.");
    return reading.facts;
  };

  test("no password, one-time secret, private key or comment leaves the host, whatever links to it", async () => {
    const text = `${JSON.stringify(raw.headers)}${raw.body.toString("latin1")}`;
    const shadow = await managed.host.read("/etc/shadow");
    const hashes = shadow.split("\n").flatMap((line) => line.split(":")[1]?.match(/^!?(\$.+)/)?.[1] ?? []);
    expect(hashes.length).toBeGreaterThanOrEqual(3);
    for (const secret of [...hashes, otpSecret, scratchCode, "PRIVATE KEY", "b3BlbnNzaC1rZXk", "a secret in"])
      expect(text).not.toContain(secret);
  });

  test("a key file keeps its keys and its line numbers", () => {
    const lines = facts().files["/home/alice/.ssh/authorized_keys"]?.text?.split("\n");
    expect(lines).toEqual([
      "# not shown",
      "",
      `from="192.0.2.0/24",command="/bin/x y" ${key("alice")}`,
      `cert-authority,bogus ${key("odd")}`,
      "# not shown",
      "# not shown",
      "",
    ]);
    expect(facts().files["/home/carol/.ssh/authorized_keys"]?.text).toContain(`\n${key("carol")}\n`);
    expect(facts().files["/etc/ssh/keys/grace"]?.text).toBe(`${key("grace")}\n`);
    expect(facts().files["/root/.ssh/authorized_keys"]?.text).toBe(`${key("of-root")}\n`);
  });

  test("a user's link shows what it shows the user", () => {
    const { files } = facts();
    expect(files["/home/bob/.ssh/authorized_keys"]).toMatchObject({ kind: "symlink", target: "/etc/shadow" });
    expect(files["/etc/shadow"]?.text ?? "").not.toMatch(/[^#a-z \n]/);
    expect(files["/home/eve/.ssh"]).toMatchObject({ kind: "symlink", target: "/root/.ssh" });
    expect(files["/home/dave/.ssh/authorized_keys"]).toMatchObject({ kind: "other" });
    // What a link on the way leads to is the file, with the directories above it.
    expect(files["/people"]).toMatchObject({ kind: "symlink", target: "/srv/people" });
    expect(files["/people/frank/.ssh/authorized_keys"]).toMatchObject({
      kind: "file",
      text: `${key("frank")}\n`,
    });
    expect(files["/srv/people/frank/.ssh"]).toMatchObject({ kind: "directory" });
  });

  test("owners and modes along the path, and what is missing", () => {
    const { files } = facts();
    const alice = facts().accounts.find(({ name }) => name === "alice");
    expect(files["/home/alice/.ssh"]).toEqual({
      kind: "directory",
      uid: alice?.uid,
      gid: alice?.gid,
      mode: 0o775,
    });
    expect(files["/home"]).toMatchObject({ kind: "directory", uid: 0, mode: 0o755 });
    expect(files["/home/grace/.ssh/authorized_keys"]).toEqual({ kind: "missing" });
    expect(files["/etc/nologin"]).toEqual({ kind: "missing" });
    expect(files["/usr/bin/true"]).toMatchObject({ kind: "file", uid: 0, mode: 0o755 });
  });

  test("files that the configuration names: revoked keys whole, principals, and nothing private by such a name", () => {
    const { files } = facts();
    expect(Buffer.from(files["/etc/ssh/revoked"]?.base64 ?? "", "base64").toString("latin1")).toMatch(
      /^SSHKRL\n/,
    );
    expect(files["/etc/ssh/principals/alice"]?.text).toBe("alice\nwebteam\n");
    expect(files["/etc/ssh/principals/root"]?.text).toBeUndefined();
    expect(files["/etc/ssh/sshd_config.d/10-people.conf"]?.text).toBe(config);
    expect(files["/etc/pam.d/sshd"]?.text).toContain("pam_nologin");
  });

  test("accounts, groups, one-time codes and sudo", () => {
    const { accounts, otp, sudo } = facts();
    const byName = Object.fromEntries(accounts.map((account) => [account.name, account]));
    expect(byName.bob).toMatchObject({ password: "locked", shell: "/bin/bash", home: "/home/bob" });
    expect(byName.alice).toMatchObject({ password: "usable", groups: expect.arrayContaining(["alice"]) });
    expect(byName.gatehouse).toMatchObject({ password: "star" });
    expect(byName.grace).toMatchObject({ expiresOnDay: 18_263 });
    expect(byName.frank?.groups).toEqual(["frank", "ops"]);
    expect(otp).toEqual([
      {
        account: "alice",
        module: "pam_google_authenticator.so",
        path: "/home/alice/.google_authenticator",
        isPresent: true,
        isValid: true,
        uid: byName.alice?.uid,
        mode: 0o400,
      },
    ]);
    expect(Object.fromEntries(sudo.map(({ account, ...rights }) => [account, rights]))).toEqual({
      admin: { isAll: true, isWithoutPassword: true },
      carol: { isAll: false, isWithoutPassword: false },
      frank: { isAll: true, isWithoutPassword: true },
      gatehouse: { isAll: false, isWithoutPassword: true },
    });
  });

  test("the sshd that listens, and what it says itself", async () => {
    const { sshd } = facts();
    expect(sshd.listeners).toHaveLength(1);
    expect(sshd.listeners[0]?.addresses).toEqual(["0.0.0.0:22", "[::]:22"]);
    expect(sshd.listeners[0]?.args).toEqual(tree.endsWith("systemd") ? ["-D"] : []);
    const { stdout } = await managed.host.exec("sshd -T");
    expect(sshd.dump).toBe(stdout);
    expect(sshd).toMatchObject({ hasPam: true, configPath: "/etc/ssh/sshd_config" });
    expect(facts()).toMatchObject({ isConsistent: true, cuts: [] });
  });

  test("a host on which nothing changed answers small, and one change more is seen", async () => {
    const again = await managed.ask("facts", { known: reading.hash });
    expect(again.headers.unchanged).toBe("1");
    expect(again.body.length + JSON.stringify(again.headers).length).toBeLessThan(2048);
    expect(readFacts(again, new Date())).toMatchObject({ hash: reading.hash, facts: undefined });
    await managed.host.exec("chmod 700 /home/alice/.ssh");
    const changed = readFacts(await managed.ask("facts", { known: reading.hash }), new Date());
    expect(changed.facts?.files["/home/alice/.ssh"]?.mode).toBe(0o700);
    await managed.host.exec("chmod 775 /home/alice/.ssh");
    expect(await managed.ask("facts", { known: "x; id" })).toMatchObject({ error: "protocol" });
  });

  test("last logins tell method, address and key", async () => {
    const before = Date.now();
    expect((await managed.host.login("admin")).ok).toBe(true);
    const { logins, loginsSince } = readFacts(await managed.ask("facts"), new Date());
    const login = logins.find(({ account }) => account === "admin");
    expect(login).toMatchObject({
      method: "publickey",
      address: expect.stringMatching(/^10\.77\./),
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
    });
    expect(Math.abs(Date.parse(login?.at ?? "") - before)).toBeLessThan(60_000);
    expect(Date.parse(loginsSince ?? "")).toBeLessThanOrEqual(Date.parse(login?.at ?? ""));
  });

  test("key files by default are read though sshd does not answer without a connection", async () => {
    const places = (known: FactsReading) =>
      Object.keys(known.facts?.files ?? {}).filter((path) => path.includes("/.ssh/authorized_keys"));
    await managed.host.write(
      "/etc/ssh/sshd_config.d/20-port.conf",
      "Match LocalPort 22\n\tX11Forwarding no\n",
    );
    expect((await managed.host.exec("/usr/sbin/sshd -T")).code).not.toBe(0);
    const now = readFacts(await managed.ask("facts"), new Date());
    expect(places(now)).toEqual(places(reading));
    expect(places(now)).toContain("/home/alice/.ssh/authorized_keys");
  });
});

test("what a cap leaves out is said", async () => {
  const host = await lab.start("trixie");
  const managed = await new ManagedHost(lab, host).installed([
    ["FACTS_ACCOUNTS_MAX=5000", "FACTS_ACCOUNTS_MAX=20"],
    ["FACTS_PATHS_MAX=20000", "FACTS_PATHS_MAX=70"],
  ]);
  const { facts } = readFacts(await managed.ask("facts"), new Date());
  expect(facts?.accounts).toHaveLength(20);
  expect(facts?.cuts).toEqual([
    expect.stringMatching(/^20 of \d+ account entries were read/),
    expect.stringMatching(/^20 of \d+ groups were read/),
    expect.stringMatching(/^70 of \d+ paths were looked at\.$/),
  ]);
  managed.forget();
});

test("a file over the cap ends with its last whole line, one of just that size is whole", async () => {
  const host = await lab.start("trixie");
  const managed = await new ManagedHost(lab, host).installed([
    ["FACTS_TEXT_BYTES=131072", "FACTS_TEXT_BYTES=4096"],
  ]);
  const line = key("x".repeat(128 - key("").length - 1)); // 128 bytes with its end: 32 of them are the cap
  await host.exec(`for n in $(seq 33); do echo '${line}'; done >/home/alice/.ssh/authorized_keys
head -n 32 /home/alice/.ssh/authorized_keys >/home/bob/.ssh/authorized_keys
printf '%s' '${line}' >/home/admin/.ssh/authorized_keys`);
  const { facts } = readFacts(await managed.ask("facts"), new Date());
  const of = (name: string) => facts?.files[`/home/${name}/.ssh/authorized_keys`];
  expect(of("alice")).toMatchObject({ isCut: true, size: 33 * 128 });
  const lines = of("alice")?.text?.split("\n") ?? [];
  expect(lines.at(-1)).toBe("");
  expect(new Set(lines.slice(0, -1))).toEqual(new Set([line]));
  expect(lines.length).toBeLessThanOrEqual(33);
  expect(of("bob")).toMatchObject({ text: `${line}\n`.repeat(32) });
  expect(of("bob")).not.toHaveProperty("isCut");
  expect(of("admin")).toMatchObject({ text: `${line}\n` });
  expect(facts?.cuts).toEqual(["/home/alice/.ssh/authorized_keys was read to its first 4096 bytes."]);
  managed.forget();
});

test("a host that is too slow says what it left out", async () => {
  const host = await lab.start("bookworm");
  const managed = await new ManagedHost(lab, host).installed([["FACTS_SECONDS=60 #", "FACTS_SECONDS=0 #"]]);
  const { facts } = readFacts(await managed.ask("facts"), new Date());
  expect(facts?.cuts).toContainEqual(expect.stringMatching(/^The host was slow: after 0 seconds/));
  expect(facts?.accounts.length).toBeGreaterThan(20);
  managed.forget();
});
