import { describe, expect, test } from "vitest";
import { startServer } from "@/lib/access/server";
import { methodsOf, testMoment as now } from "@/lib/access/testing/agreement";
import { factsOf } from "@/lib/access/testing/corpus";
import { hostWith } from "@/lib/access/testing/host";
import { whatIf } from "@/lib/access/what-if";
import { type KeyOwner, type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { fingerprint } from "@/lib/openssh-keys/public-key";
import { parseAddress } from "@/lib/sshd-config/address";
import { buildById } from "@/lib/sshd-config/build";
import { loadLoginCases, loadLoginWorld } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const keyText = (name: string) => new TextDecoder().decode(world.files.get(`${name}.pub`)).trim();
const keysOnly = "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";
const printOf = (name: string) =>
  fingerprint(decodeBase64(keyText(name).split(" ")[1] ?? "") ?? new Uint8Array());
const k1 = keyText("k1");
const ann: KeyOwner = {
  id: "1",
  name: "Ann",
  fingerprints: ["SHA256:O5wmK4L5tFVuK+Q0/SruYMsdfAJqQynBRCf/DhTqEoA"],
};

function number(text: string): bigint {
  const bytes = parseAddress(text)?.bytes ?? [];
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

const holds = (path: LoginPath, address: string) =>
  path.ranges.some(
    ({ first, last }) =>
      parseAddress(first)?.family === parseAddress(address)?.family &&
      number(first) <= number(address) &&
      number(address) <= number(last),
  );

test("for one address it says what is said for all addresses, in every recorded world", () => {
  const build = buildById("deb13-10.0p1");
  if (!build) throw new Error("The build is gone.");
  const describeWay = (path: LoginPath) =>
    `${path.account} ${methodsOf(path)} ${path.why.at(-1)?.source ?? ""}`;
  let compared = 0;
  for (const question of loadLoginCases()) {
    const facts = factsOf(question, build, world);
    const server = startServer(facts, { build });
    const all = whoCanLogIn(facts, { now, server });
    for (const address of ["127.0.0.1", "127.0.0.9", "10.1.2.3", "::1"]) {
      const answer = whatIf(facts, { address, at: now, server });
      if (answer.kind !== "answer") continue;
      const wanted = all.filter((path) => holds(path, address)).map(describeWay);
      expect(answer.open.map(describeWay).sort(), `${question.id} from ${address}`).toEqual(wanted.sort());
      const opened = new Set(answer.open.map(({ account }) => account));
      expect(answer.shut.map(({ account }) => account)).toEqual(
        [...server.accounts.keys()].filter((name) => !opened.has(name)),
      );
      expect(answer.shut.every(({ why }) => why.length > 0)).toBe(true);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(400);
});

describe("why an account stays shut", () => {
  const why = (config: string, keys: string, more: object = {}, address = "192.0.2.7") => {
    const facts = hostWith({ config, accounts: [{ name: "alice", keys, ...more }] });
    const answer = whatIf(facts, { address, at: now });
    return answer.kind === "answer" ? answer.shut[0]?.why : undefined;
  };

  test("the list that does not name it", () => {
    expect(why(`AllowUsers bob\n${keysOnly}`, k1)).toEqual([
      { text: "AllowUsers does not name alice.", source: "/etc/ssh/sshd_config:1" },
    ]);
  });

  test("an address that from= does not name, with the key's line; the password beside it", () => {
    expect(why(keysOnly, `# one\nfrom="10.0.0.0/8" ${k1}`)).toEqual([
      {
        text: '/home/alice/.ssh/authorized_keys:2: from="10.0.0.0/8" does not name 192.0.2.7',
        source: "/home/alice/.ssh/authorized_keys:2",
      },
      { text: "PasswordAuthentication no", source: "/etc/ssh/sshd_config:2" },
    ]);
  });

  test("an account that is not there", () => {
    const facts = hostWith({ config: keysOnly, accounts: [{ name: "alice", keys: k1 }] });
    expect(whatIf(facts, { address: "192.0.2.7", at: now, account: "zed" })).toMatchObject({
      open: [],
      shut: [{ account: "zed", why: [{ text: "There is no such account." }] }],
    });
  });

  test("a moment after the key's last", () => {
    const keys = `expiry-time="20260801" ${k1}`;
    const facts = hostWith({ config: keysOnly, accounts: [{ name: "alice", keys }] });
    const openAt = (at: number) => {
      const answer = whatIf(facts, { address: "192.0.2.7", at });
      return answer.kind === "answer" ? answer.open.length : undefined;
    };
    expect([openAt(now), openAt(Date.UTC(2026, 7, 2) / 1000)]).toEqual([1, 0]);
  });
});

test("a person is asked for by keys; a password is open to whoever knows it", () => {
  const facts = hostWith({
    config: "UsePAM yes\nKbdInteractiveAuthentication no\n",
    accounts: [
      { name: "alice", keys: k1, password: "locked" },
      { name: "bob", keys: keyText("k2") },
      { name: "eve", keys: keyText("k3"), password: "locked" },
    ],
  });
  const answer = whatIf(facts, { address: "2001:DB8::0:7", at: now, person: ann });
  expect(answer).toMatchObject({
    kind: "answer",
    open: [{ account: "alice", from: ["2001:db8::7"] }],
    keyless: [{ account: "bob", factors: 1 }],
    shut: [{ account: "eve" }],
  });
});

test("a way that asks for a key of somebody else, too, is open to neither of both", () => {
  const ben: KeyOwner = { id: "2", name: "Ben", fingerprints: [printOf("k2")] };
  const facts = hostWith({
    config: `${keysOnly}AuthenticationMethods publickey,publickey\n`,
    accounts: [{ name: "alice", keys: `${k1}\n${keyText("k2")}\n` }],
  });
  for (const person of [ann, ben])
    expect(whatIf(facts, { address: "192.0.2.7", at: now, person, people: [ann, ben] })).toMatchObject({
      open: [],
      keyless: [],
      shut: [
        {
          account: "alice",
          why: [
            {
              text: "A key of somebody else is asked for beside theirs.",
              source: "/etc/ssh/sshd_config:4",
            },
          ],
        },
      ],
    });
  const both = { ...ann, fingerprints: [...ann.fingerprints, ...ben.fingerprints] };
  const answer = whatIf(facts, { address: "192.0.2.7", at: now, person: both });
  expect(answer.kind === "answer" && answer.open).toHaveLength(2);
});

test("what people type as an address: IPv6 with an IPv4 address in it, brackets, and what is none", () => {
  const keys = `from="192.0.2.7" ${k1}`;
  const facts = hostWith({ config: keysOnly, accounts: [{ name: "alice", keys }] });
  const kindOf = (address: string) => {
    const answer = whatIf(facts, { address, at: now });
    return answer.kind === "answer" ? answer.open.length : answer.kind;
  };
  expect(["::ffff:192.0.2.7", " 192.0.2.7 ", "[2001:db8::1]"].map(kindOf)).toEqual([1, 1, 0]);
  expect(["example.org", "", "10.0.0.0/8", "300.1.1.1"].map(kindOf)).toEqual(Array(4).fill("not-an-address"));
});

test("a host whose sshd refuses its configuration is open to nobody", () => {
  const facts = hostWith({ config: "Nonsense yes\n", accounts: [{ name: "alice", keys: k1 }] });
  expect(whatIf(facts, { address: "192.0.2.7", at: now }).kind).toBe("no-server");
});
