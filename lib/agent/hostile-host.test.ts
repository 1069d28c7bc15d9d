import { describe, expect, test } from "vitest";
import { findAccessFaults } from "@/lib/access/findings";
import { startServer } from "@/lib/access/server";
import { whatIf } from "@/lib/access/what-if";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import { readFacts } from "@/lib/agent/read-facts";
import { AnswerParser } from "@/lib/agent/wire";

// What a host that means harm can make of the facts: memory stays bounded, and its bytes stay data.

const mebibyte = 1024 * 1024;
/** As lib/agent/client.ts sets it for facts, and a bit. */
const cap = 16 * mebibyte;
const now = Date.UTC(2026, 10, 23) / 1000;

/** What this process holds in buffers, in MiB, once what nobody needs is gone. */
const heldInBuffers = () => process.memoryUsage().arrayBuffers / mebibyte;

describe("of a stream without an end, 10 GiB of it, no more than the cap is held", () => {
  const pieces = 10 * 1024;

  test.each<[string, string, () => Buffer]>([
    ["that never ends its first line", "", () => Buffer.alloc(mebibyte, "G")],
    [
      "behind an answer that says it is as long as may be",
      `GATEHOUSE/1 ok 0 ${cap}\n`,
      () => Buffer.alloc(mebibyte),
    ],
    ["behind one that says it is longer", `GATEHOUSE/1 ok 0 ${cap + 1}\n`, () => Buffer.alloc(mebibyte)],
    ["of live output that nobody asked for", "GATEHOUSE/1 part 0 65536\n", () => Buffer.alloc(mebibyte)],
    ["of lines", "", () => Buffer.alloc(mebibyte, "x\n")],
  ])("one %s", (_, begin, piece) => {
    const parser = new AnswerParser(cap);
    const before = heldInBuffers();
    let most = 0;
    parser.push(Buffer.from(begin));
    let last = piece();
    for (let i = 0; i < pieces; i++) {
      // What is not looked at any more need not be made anew.
      if (!parser.isWhole) last = piece();
      parser.push(last);
      if (i % 16 === 0) most = Math.max(most, heldInBuffers() - before);
    }
    expect(parser.finish()).toMatchObject({ ok: false });
    // The answer itself, the copy it is put together in, and what was not collected yet.
    expect(most).toBeLessThan((6 * cap) / mebibyte);
  });
});

/** Every way to write a name that somebody might run, show or trip over. */
const payloads = [
  "$(touch /tmp/gatehouse-owned)",
  "`id`",
  "'; DROP TABLE hosts; --",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "=HYPERLINK(1)",
  "__proto__",
  "constructor",
  "toString",
  "a\u202Eb",
  "\u001b]0;owned\u0007",
  "%s%n%x",
  "../../../etc/shadow",
  "<%= 7*7 %>",
  "{{7*7}}",
];

const escaped = (text: string) =>
  Array.from(Buffer.from(text), (byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");

function hostileFacts(config: string, keys: string) {
  const files: [string, string][] = [["/etc/ssh/sshd_config", config]];
  const rows = payloads.flatMap((name, i) => {
    const home = `/home/${name.replaceAll("/", "")}`;
    files.push([`${home}/.ssh/authorized_keys`, keys]);
    return [
      `account\t${escaped(name)}\t${1000 + i}\t${1000 + i}\t${escaped(name)}\t${escaped(home)}\t${escaped(`/bin/${name}`)}\tusable\t-\t-\t-\t-`,
      `group\t${escaped(name)}\t${1000 + i}\t${escaped(name)}`,
      `at\t${escaped(home)}\td\t493\t${1000 + i}\t0\t0`,
      `at\t${escaped(`${home}/.ssh`)}\td\t448\t${1000 + i}\t0\t0`,
    ];
  });
  const texts = files.flatMap(([path, text]) => [
    `at\t${escaped(path)}\tf\t384\t0\t0\t1`,
    `text\t${escaped(path)}\t${Buffer.byteLength(text)}\t0`,
  ]);
  const table = Buffer.from([...rows, ...texts].map((row) => `${row}\n`).join(""));
  const contents = Buffer.from(files.map(([, text]) => text).join(""));
  const headers = {
    hash: "a".repeat(64),
    unchanged: "0",
    moved: "0",
    "logins.bytes": "0",
    "sshd.version": "OpenSSH_9.2p1",
    system: "debian 12",
    hostname: "$(reboot)",
    config: "/etc/ssh/sshd_config",
    zone: "0",
    socket: "0",
    "table.bytes": String(table.length),
    "contents.bytes": String(contents.length),
  };
  const { facts } = readFacts({ headers, body: Buffer.concat([table, contents]) }, new Date(now * 1000));
  if (!facts) throw new Error("These facts were new.");
  return facts;
}

/** All that is made of the facts of a host. */
function answersOf(config: string, keys: string) {
  const facts = hostileFacts(config, keys);
  const server = startServer(facts);
  const paths = whoCanLogIn(facts, { now, server });
  const findings = findAccessFaults({ server, paths, people: [], now });
  return { server, paths, findings, whatIf: whatIf(facts, { address: "192.0.2.1", at: now, server }) };
}

test("names that are programs, markup or names of objects are only data", () => {
  const {
    paths,
    findings,
    whatIf: answer,
  } = answersOf(
    `${payloads.map((text) => `AllowGroups "${text.replaceAll('"', "")}"\n`).join("")}AllowGroups *\n`,
    payloads.map((text) => `command="${text.replaceAll('"', "")}" ssh-ed25519 AAAA ${text}\n`).join(""),
  );
  expect(answer.kind).toBe("answer");
  // Each is an account of which something is told, by its own name; nothing was run or inherited.
  const told = new Set([...paths.map(({ account }) => account), ...findings.map(({ account }) => account)]);
  expect(payloads.filter((name) => !told.has(name))).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe("a million lines", () => {
  const million = 1_000_000;

  test("of comments in sshd_config are read", () => {
    const { server, paths } = answersOf("#\n".repeat(million), "");
    expect(server.refused).toBeUndefined();
    expect(paths.length).toBeGreaterThan(0);
  });

  test("of nonsense in the files of keys open nothing", () => {
    const { paths } = answersOf(
      "PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
      "x\n".repeat(million / payloads.length),
    );
    expect(paths).toEqual([]);
  });
});
