import { expect, test } from "vitest";
import { AgentError } from "@/lib/agent/errors";
import { readFacts } from "@/lib/agent/read-facts";
import type { Answer } from "@/lib/agent/wire";

const at = new Date("2026-11-23T05:00:00Z");
const hash = "a".repeat(64);

/** An answer with right lengths, unless `headers` says otherwise. */
function answer(rows: string[], contents: string | Buffer = "", logins = "", headers: object = {}): Answer {
  const table = Buffer.from(rows.map((row) => `${row}\n`).join(""));
  const parts = [table, Buffer.from(contents), Buffer.from(logins)];
  return {
    headers: {
      hash,
      unchanged: "0",
      moved: "0",
      "sshd.version": "OpenSSH_9.2p1 Debian-2+deb12u3",
      system: "debian 12",
      hostname: "db-1",
      config: "/etc/ssh/sshd_config",
      zone: "-90",
      socket: "1",
      "listen.1": "0.0.0.0:22",
      "listener.1": "-D -o PermitRootLogin=no",
      "cut.1": "Something was left out.",
      "logins.since": "1700000000",
      "table.bytes": String(parts[0]?.length),
      "contents.bytes": String(parts[1]?.length),
      "logins.bytes": String(parts[2]?.length),
      ...headers,
    },
    body: Buffer.concat(parts),
  };
}
const facts = (...args: Parameters<typeof answer>) => readFacts(answer(...args), at).facts;
const account = "account\talice\t1000\t1000\tAlice%20A%C3%A9\t/home/alice\t-\tlocked\t0\t99999\t-\t18263";

test("reads the host, its accounts with their groups, and leaves out what is not said", () => {
  const read = facts([account, "group\tops\t7\tbob,alice", "group\talice\t1000\t-"]);
  expect(read?.accounts).toEqual([
    {
      name: "alice",
      uid: 1000,
      gid: 1000,
      fullName: "Alice Aé",
      home: "/home/alice",
      shell: "",
      password: "locked",
      passwordChangedOnDay: 0,
      passwordMaxDays: 99_999,
      expiresOnDay: 18_263,
      groups: ["alice", "ops"],
    },
  ]);
  expect(read).toMatchObject({
    format: 1,
    collectedAt: "2026-11-23T05:00:00.000Z",
    cuts: ["Something was left out."],
    loginsSince: "2023-11-14T22:13:20.000Z",
  });
  expect(read?.sshd).toEqual({
    version: "OpenSSH_9.2p1 Debian-2+deb12u3",
    system: "debian 12",
    configPath: "/etc/ssh/sshd_config",
    hasPam: true,
    zoneMinutes: -90,
    listeners: [
      { args: ["-D", "-o", "PermitRootLogin=no"], addresses: ["0.0.0.0:22"], isSocketActivated: true },
    ],
  });
});

test("a file behind a link has its facts and content; bytes that are no text come in base64", () => {
  const rows = [
    "at\t/home\tl\t511\t0\t0\t0",
    "at\t/home/a\tf\t33188\t5\t6\t3",
    "at\t/data/a\tf\t420\t5\t6\t3",
    "at\t/gone\t-\t0\t0\t0\t0",
    "at\t/krl\tf\t420\t0\t0\t2",
    "link\t/home\t/data",
    "text\t/data/a\t3\t1",
    "text\t/krl\t2\t0",
    "dump\t7",
  ];
  const read = facts(rows, Buffer.from("abc\xff\x00port 22", "latin1"));
  expect(read?.files["/home"]).toEqual({ kind: "symlink", uid: 0, gid: 0, mode: 0o777, target: "/data" });
  expect(read?.files["/home/a"]).toMatchObject({ kind: "file", mode: 0o644, text: "abc", isCut: true });
  expect(read?.files["/gone"]).toEqual({ kind: "missing" });
  expect(read?.files["/krl"]).toMatchObject({ base64: "/wA=" });
  expect(read?.sshd).toMatchObject({ dump: "port 22", hasPam: false });
});

test("control characters of a host are data, in names as in paths", () => {
  const read = facts([
    account.replace("alice\t1000", "a%0Ab%1B[31m\t1000"),
    "at\t/x%00%E2%80%AEy\td\t493\t0\t0\t0",
  ]);
  expect(read?.accounts[0]?.name).toBe("a\nb\u001b[31m");
  expect(Object.keys(read?.files ?? {})).toEqual(["/x\uFFFD\u202Ey"]);
});

test("logins come newest first, also of a host that has not changed", () => {
  const logins =
    "bob\t1700000000\tpassword\t192.0.2.1\t-\nalice\t1700000100\tpublickey\t2001:db8::1\tSHA256:x\n";
  const unchanged = answer([], "", logins, { unchanged: "1", "table.bytes": "", "contents.bytes": "" });
  expect(readFacts(unchanged, at)).toEqual({
    hash,
    isConsistent: true,
    facts: undefined,
    loginsSince: "2023-11-14T22:13:20.000Z",
    logins: [
      {
        account: "alice",
        at: "2023-11-14T22:15:00.000Z",
        method: "publickey",
        address: "2001:db8::1",
        fingerprint: "SHA256:x",
      },
      { account: "bob", at: "2023-11-14T22:13:20.000Z", method: "password", address: "192.0.2.1" },
    ],
  });
});

test.each<[string, Answer]>([
  ["a table that is shorter than said", answer([account], "", "", { "table.bytes": "999" })],
  ["a length that is none", answer([account], "", "", { "table.bytes": "1e3" })],
  ["a row that does not end", answer([], "", "bob\t1700000000\tx\ty\t-")],
  ["a row of no known kind", answer(["exec\trm"])],
  ["a blank that is not escaped", answer(["group\ta b\t1\t-"])],
  ["a byte that is not escaped", answer(["group\ta\u00e9\t1\t-"])],
  ["a number that is none", answer(["group\ta\t0x10\t-"])],
  ["a password state that is none", answer([account.replace("locked", "$6$x")])],
  ["a path that is relative", answer(["at\tetc/passwd\tf\t0\t0\t0\t0"])],
  ["contents that are cut off", answer(["dump\t5"], "abc")],
  ["contents that nobody names", answer([], "abc")],
  ["a text of something that is no file", answer(["at\t/d\td\t0\t0\t0\t0", "text\t/d\t1\t0"], "x")],
  ["a field of 20,000 characters", answer([`group\t${"x".repeat(20_000)}\t1\t-`])],
  ["a row of 100,000 fields", answer([`group${"\t1".repeat(100_000)}`])],
  ["a login at the end of time", answer([], "", "bob\t99999999999999\tx\ty\t-\n")],
  ["no hash", answer([], "", "", { hash: "" })],
  ["6,000 accounts", answer(Array.from({ length: 6000 }, () => account))],
])("%s is refused, as malformed", (_, hostile) => {
  expect(() => readFacts(hostile, at)).toThrow(AgentError);
});

test("a million rows are refused without reading them all", () => {
  const hostile = answer([], "", "", {});
  const body = Buffer.alloc(15_000_000, "group\ta\t1\t-\n");
  const begun = performance.now();
  expect(() =>
    readFacts({ headers: { ...hostile.headers, "table.bytes": String(body.length) }, body }, at),
  ).toThrow("more than 200000 rows");
  expect(performance.now() - begun).toBeLessThan(5000);
});

test("links that lead in a circle end", () => {
  const rows = ["at\t/a\tl\t511\t0\t0\t0", "at\t/a/b\tf\t420\t0\t0\t1", "link\t/a\t/c", "link\t/c\t/a"];
  expect(facts(rows)?.files["/a/b"]).toEqual({ kind: "file", uid: 0, gid: 0, mode: 0o644, size: 1 });
});
