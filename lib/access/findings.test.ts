import { describe, expect, test } from "vitest";
import type { FindingCode } from "@/lib/access/finding";
import { findAccessFaults } from "@/lib/access/findings";
import { startServer } from "@/lib/access/server";
import { hostWith, type TestHost } from "@/lib/access/testing/host";
import { type KeyOwner, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

const now = Date.UTC(2026, 6, 1) / 1000;
const world = loadLoginWorld();
const keyText = (name: string) => new TextDecoder().decode(world.files.get(`${name}.pub`)).trim();
const k1 = keyText("k1");
const printOfK1 = "SHA256:O5wmK4L5tFVuK+Q0/SruYMsdfAJqQynBRCf/DhTqEoA";
const ann: KeyOwner = { id: "1", name: "Ann", fingerprints: [printOfK1] };

function findingsOf(host: TestHost, people: readonly KeyOwner[] = []) {
  const facts = hostWith(host);
  const server = startServer(facts);
  expect(server.refused).toBeUndefined();
  return findAccessFaults({ server, paths: whoCanLogIn(facts, { now, people, server }), people, now });
}

const codesOf = (host: TestHost, people?: readonly KeyOwner[]) => findingsOf(host, people).map((f) => f.code);
const keysOnly = "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

test("a host on which owned keys alone let people in has nothing to report", () => {
  expect(codesOf({ config: keysOnly, accounts: [{ name: "alice", keys: k1 }] }, [ann])).toEqual([]);
});

test("root by password names the line that allows it", () => {
  const [worst] = findingsOf({ config: "PermitRootLogin yes\nUsePAM yes\n", accounts: [{ name: "root" }] });
  expect(worst).toMatchObject({
    code: "root-by-password",
    severity: "high",
    source: "/etc/ssh/sshd_config:1",
  });
  // Nobody else could get in: no edit is offered.
  expect(worst?.fix).toBeUndefined();
});

const cases: readonly [FindingCode, TestHost, (readonly KeyOwner[])?][] = [
  ["password-alone", { config: "UsePAM yes\n", accounts: [{ name: "alice" }] }],
  [
    "unowned-key",
    { config: keysOnly, accounts: [{ name: "alice", keys: k1 }] },
    [{ ...ann, fingerprints: ["SHA256:other"] }],
  ],
  [
    "key-of-leaver",
    { config: keysOnly, accounts: [{ name: "alice", keys: k1 }] },
    [{ ...ann, hasLeft: true }],
  ],
  [
    "shared-key",
    { config: keysOnly, accounts: [{ name: "alice", keys: k1 }] },
    [ann, { ...ann, id: "2", name: "Ben" }],
  ],
  [
    "shared-key",
    {
      config: keysOnly,
      accounts: [
        { name: "alice", keys: k1 },
        { name: "bob", keys: k1 },
      ],
    },
  ],
  ["expired-account", { config: keysOnly, accounts: [{ name: "alice", keys: k1, expiresOnDay: 1000 }] }],
  [
    "password-alone",
    { config: "PermitEmptyPasswords yes\n", accounts: [{ name: "alice", password: "empty" }] },
  ],
  ["weak-key", { config: keysOnly, accounts: [{ name: "alice", keys: keyText("krsa1024") }] }],
  ["expired-key", { config: keysOnly, accounts: [{ name: "alice", keys: `expiry-time="20200101" ${k1}` }] }],
  [
    "writable-path",
    {
      config: keysOnly,
      accounts: [{ name: "alice", keys: k1 }],
      files: { "/home/alice": { kind: "directory", uid: 1000, gid: 1000, mode: 0o777 } },
    },
  ],
  [
    "revoked-keys-unreadable",
    { config: `RevokedKeys /etc/ssh/gone\n${keysOnly}`, accounts: [{ name: "alice", keys: k1 }] },
  ],
  ["dead-name", { config: `AllowUsers alice zed\n${keysOnly}`, accounts: [{ name: "alice", keys: k1 }] }],
  [
    "sudo-without-factor",
    {
      config: keysOnly,
      accounts: [{ name: "alice", keys: k1 }],
      more: { sudo: [{ account: "alice", isAll: true, isWithoutPassword: true }] },
    },
  ],
  ["no-way-in", { config: keysOnly, accounts: [{ name: "alice" }] }],
  [
    "never-used",
    {
      config: keysOnly,
      accounts: [{ name: "alice", keys: k1 }],
      more: { loginsSince: "2025-01-01T00:00:00Z" },
    },
  ],
];

test.each(cases)("%s is reported where it is so", (code, host, people) => {
  expect(codesOf(host, people)).toContain(code);
});

test("an account in use within the last 90 days is not called unused", () => {
  const host = {
    config: keysOnly,
    accounts: [{ name: "alice", keys: k1 }],
    more: {
      loginsSince: "2025-01-01T00:00:00Z",
      logins: [{ account: "alice", at: "2026-06-01T00:00:00Z" }],
    },
  };
  expect(codesOf(host)).not.toContain("never-used");
});

test("a missing file of revoked keys leaves no way in by key", () => {
  const facts = hostWith({
    config: `RevokedKeys /etc/ssh/gone\n${keysOnly}`,
    accounts: [{ name: "alice", keys: k1 }],
  });
  expect(whoCanLogIn(facts, { now })).toEqual([]);
});

test("a key that one person has in two accounts is not shared", () => {
  const accounts = [
    { name: "alice", keys: k1 },
    { name: "ops", keys: k1 },
  ];
  expect(codesOf({ config: keysOnly, accounts }, [ann])).not.toContain("shared-key");
});

test("a key that nobody used is named beside one that is in use", () => {
  const found = findingsOf({
    config: keysOnly,
    accounts: [{ name: "alice", keys: `${k1}\n${keyText("k2")}` }],
    more: {
      loginsSince: "2025-01-01T00:00:00Z",
      logins: [{ account: "alice", at: "2026-06-01T00:00:00Z", method: "publickey", fingerprint: printOfK1 }],
    },
  }).filter(({ code }) => code === "never-used");
  expect(found.map(({ source }) => source)).toEqual(["/home/alice/.ssh/authorized_keys:2"]);
});

test("records that go back less than 90 days say nothing of what is unused", () => {
  const more = { loginsSince: "2026-06-15T00:00:00Z" };
  expect(codesOf({ config: keysOnly, accounts: [{ name: "alice", keys: k1 }], more })).not.toContain(
    "never-used",
  );
});

describe("an edit is offered where it takes nobody else's way", () => {
  const fixOf = (code: FindingCode, host: TestHost, people?: readonly KeyOwner[]) =>
    findingsOf(host, people).find((finding) => finding.code === code)?.fix;
  const keys = "/home/alice/.ssh/authorized_keys";
  const config = "/etc/ssh/sshd_config";

  test("the line of a leaver's key goes", () => {
    const host = { config: keysOnly, accounts: [{ name: "alice", keys: `# mine\n${k1}` }] };
    expect(fixOf("key-of-leaver", host, [{ ...ann, hasLeft: true }])).toEqual({
      kind: "remove-key-line",
      path: keys,
      line: 2,
      fingerprint: printOfK1,
    });
  });

  test("root's password goes when root has a key", () => {
    const host = { config: "PermitRootLogin yes\nUsePAM yes\n", accounts: [{ name: "root", keys: k1 }] };
    expect(fixOf("root-by-password", host)).toEqual({
      kind: "set-value",
      path: config,
      line: 1,
      keyword: "PermitRootLogin",
      value: "prohibit-password",
    });
  });

  test("a dead name goes from a list that keeps another, in a Match block too", () => {
    const accounts = [{ name: "alice", keys: k1 }];
    const host = { config: `${keysOnly}Match Address 10.0.0.0/8\n  AllowUsers alice zed\n`, accounts };
    expect(fixOf("dead-name", host)).toEqual({
      kind: "remove-word",
      path: config,
      line: 5,
      keyword: "AllowUsers",
      word: "zed",
    });
    expect(fixOf("dead-name", { config: `AllowUsers zed\n${keysOnly}`, accounts })).toBeUndefined();
  });

  test("a directory that all can write becomes its owner's", () => {
    const files = { "/home/alice": { kind: "directory", uid: 1000, gid: 1000, mode: 0o777 } } as const;
    expect(
      fixOf("writable-path", { config: keysOnly, accounts: [{ name: "alice", keys: k1 }], files }),
    ).toEqual({
      kind: "set-mode",
      path: "/home/alice",
      uid: 1000,
      mode: 0o755,
    });
  });

  test("a directory outside of the home, with everybody's keys, becomes root's, whoever is looked at first", () => {
    const config = `AuthorizedKeysFile /srv/keys/%u\n${keysOnly}`;
    const accounts = [{ name: "alice" }, { name: "bob" }];
    const key = { kind: "file", uid: 0, gid: 0, mode: 0o644, text: k1 } as const;
    const files = {
      "/srv": { kind: "directory", uid: 0, gid: 0, mode: 0o755 },
      "/srv/keys": { kind: "directory", uid: 4242, gid: 4242, mode: 0o700 },
      "/srv/keys/alice": key,
      "/srv/keys/bob": key,
    } as const;
    const found = findingsOf({ config, accounts, files }).filter(({ code }) => code === "writable-path");
    expect(found).toMatchObject([
      {
        what: "Others than root own or can write /srv/keys.",
        advice: "chown root /srv/keys and chmod go=rX /srv/keys.",
        fix: { path: "/srv/keys", uid: 0, mode: 0o755 },
      },
    ]);
  });
});
