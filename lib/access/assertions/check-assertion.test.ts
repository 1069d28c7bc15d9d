import { describe, expect, test } from "vitest";
import type { AlwaysAssertion, NobodyAssertion, OnlyAssertion } from "@/lib/access/assertions/assertion";
import { type AssertedHost, checkAssertion } from "@/lib/access/assertions/check-assertion";
import { doubtsOf } from "@/lib/access/assertions/host-doubts";
import { fitsAccount, isAbout } from "@/lib/access/assertions/scope";
import { isLocalOnly } from "@/lib/access/destination";
import type { HostFacts } from "@/lib/access/facts";
import { startServer } from "@/lib/access/server";
import { testMoment as now } from "@/lib/access/testing/agreement";
import { hostWith, type TestHost } from "@/lib/access/testing/host";
import { type KeyOwner, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { fingerprint } from "@/lib/openssh-keys/public-key";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const keyText = (name: string) => new TextDecoder().decode(world.files.get(`${name}.pub`)).trim();
const printOf = (name: string) => {
  const blob = decodeBase64(keyText(name).split(" ")[1] ?? "");
  if (!blob) throw new Error(`${name} is no key`);
  return fingerprint(blob);
};
const alice: KeyOwner = { id: "a", name: "Alice", fingerprints: [printOf("k1")] };
const bob: KeyOwner = { id: "b", name: "Bob", fingerprints: [printOf("k2")], hasLeft: true };

function check(
  assertion: NobodyAssertion | OnlyAssertion | AlwaysAssertion,
  host: TestHost,
  more: Partial<AssertedHost> = {},
) {
  const facts: HostFacts = hostWith(host);
  const server = startServer(facts);
  const people = more.people ?? [alice, bob];
  return checkAssertion(assertion, whoCanLogIn(facts, { now, server, people }), {
    accounts: facts.accounts,
    doubts: doubtsOf(facts, server.refused),
    people,
    isLocalOnly: isLocalOnly(facts),
    ...more,
  });
}

const nobody = (more: Partial<NobodyAssertion> = {}): NobodyAssertion => ({
  quantifier: "nobody",
  hosts: { kind: "all" },
  accounts: { kind: "all" },
  addresses: { kind: "any" },
  methods: "any",
  ...more,
});
const only = (more: Partial<OnlyAssertion> = {}): OnlyAssertion => ({
  ...nobody(),
  quantifier: "only",
  subjects: [{ kind: "person", personId: "a" }],
  ...more,
});
const always = (more: Partial<AlwaysAssertion> = {}): AlwaysAssertion => ({
  quantifier: "always",
  subject: { kind: "person", personId: "a" },
  hosts: { kind: "all" },
  accounts: { kind: "all" },
  addresses: { kind: "any" },
  session: "free",
  ...more,
});

const keysOnly = "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n";
const root = { name: "root", keys: `${keyText("k1")}\n` };
const unforetold = {
  "/etc/pam.d/sshd": {
    kind: "file" as const,
    uid: 0,
    gid: 0,
    mode: 0o644,
    text: "auth required pam_exotic.so\naccount required pam_permit.so\n",
  },
};

describe("nobody from outside 10.0.0.0/8 reaches root", () => {
  const rule = nobody({
    accounts: { kind: "root" },
    addresses: { kind: "outside", networks: ["10.0.0.0/8"] },
  });
  test("holds where root is let in from there alone", () => {
    expect(check(rule, { config: `${keysOnly}AllowUsers root@10.0.0.0/8\n`, accounts: [root] }).state).toBe(
      "holds",
    );
    const from = { ...root, keys: `from="10.2.0.0/16" ${keyText("k1")}\n` };
    expect(check(rule, { config: keysOnly, accounts: [from] }).state).toBe("holds");
  });
  test("is broken where one network more is let in, and that network is named", () => {
    const answer = check(rule, {
      config: `${keysOnly}AllowUsers root@10.0.0.0/8 root@192.0.2.0/24\n`,
      accounts: [root],
    });
    expect(answer).toMatchObject({ state: "broken", offences: [{ from: ["192.0.2.0/24"], dependsOn: [] }] });
    expect(answer.offences[0]?.path?.account).toBe("root");
  });
  test("speaks of every account with the uid 0, and of no other", () => {
    const toor = { ...root, name: "toor", uid: 0, home: "/toor" };
    expect(check(rule, { config: keysOnly, accounts: [toor] }).state).toBe("broken");
    expect(check(rule, { config: keysOnly, accounts: [{ name: "ann", keys: keyText("k1") }] }).state).toBe(
      "holds",
    );
  });
});

describe("what only the host can tell does not count as holding", () => {
  const host = {
    config: "UsePAM yes\nPubkeyAuthentication no\n",
    accounts: [{ name: "ann" }],
    files: unforetold,
  };
  test("for nobody and for only", () => {
    for (const rule of [nobody(), only({ subjects: [{ kind: "person", personId: "a" }] })]) {
      const answer = check(rule, host);
      expect(answer.state).toBe("unclear");
      expect(answer.offences[0]?.dependsOn.join()).toMatch(/pam_exotic/);
    }
  });
  test("for always", () => {
    const answer = check(always({ subject: { kind: "account", name: "ann" } }), host);
    expect(answer.state).toBe("unclear");
    expect(answer.offences[0]?.dependsOn.join()).toMatch(/pam_exotic/);
  });
  test("nor does a reading with gaps, or of an sshd that refuses its configuration", () => {
    const quiet = { config: keysOnly, accounts: [{ name: "ann" }] };
    expect(check(nobody(), quiet).state).toBe("holds");
    const gaps = [{ more: { cuts: ["x"] } }, { more: { isConsistent: false } }, { config: "Nonsense yes\n" }];
    for (const gap of gaps) {
      const answer = check(nobody(), { ...quiet, ...gap });
      expect(answer).toMatchObject({ state: "unclear", offences: [] });
      expect(answer.doubts).toHaveLength(1);
    }
    const open = {
      config: keysOnly,
      accounts: [{ name: "ann", keys: keyText("k1") }],
      more: { cuts: ["x"] },
    };
    expect(check(always(), open).state).toBe("unclear");
  });
  test("nor is a way certainly missing where not all was read", () => {
    const shut = { config: keysOnly, accounts: [{ name: "ann" }] };
    expect(check(always(), shut).state).toBe("broken");
    expect(check(always(), { ...shut, more: { cuts: ["x"] } }).state).toBe("unclear");
    expect(check(always(), { ...shut, config: "Nonsense yes\n" }).state).toBe("unclear");
  });
  test("but what certainly offends is broken all the same", () => {
    const open = {
      config: keysOnly,
      accounts: [{ name: "ann", keys: keyText("k1") }],
      more: { cuts: ["x"] },
    };
    expect(check(nobody(), open).state).toBe("broken");
  });
});

describe("ways of a kind", () => {
  const state = (methods: NobodyAssertion["methods"], config: string, keys: string) =>
    check(nobody({ methods }), { config, accounts: [{ name: "ann", keys }] }).state;
  const passwords = "UsePAM no\nPasswordAuthentication yes\nPubkeyAuthentication yes\n";
  test("with a password: also beside a key", () => {
    expect(state("password", keysOnly, keyText("k1"))).toBe("holds");
    expect(state("password", passwords, keyText("k1"))).toBe("broken");
    expect(state("password", `${passwords}AuthenticationMethods publickey,password\n`, keyText("k1"))).toBe(
      "broken",
    );
  });
  test("by what is typed alone: not beside a key", () => {
    expect(state("typed-only", passwords, "")).toBe("broken");
    expect(state("typed-only", `${passwords}AuthenticationMethods publickey,password\n`, keyText("k1"))).toBe(
      "holds",
    );
  });
  test("with a single factor", () => {
    expect(state("single-factor", keysOnly, keyText("k1"))).toBe("broken");
    expect(
      state("single-factor", `${passwords}AuthenticationMethods publickey,password\n`, keyText("k1")),
    ).toBe("holds");
  });
  test("without a security key; of a certificate that cannot be told", () => {
    expect(state("no-security-key", keysOnly, keyText("sk_ed"))).toBe("holds");
    expect(state("no-security-key", keysOnly, keyText("k1"))).toBe("broken");
    expect(state("no-security-key", passwords, keyText("sk_ed"))).toBe("broken");
    expect(state("no-security-key", keysOnly, `cert-authority ${keyText("ca1")}`)).toBe("unclear");
  });
  test("with a key that nobody owns, or of somebody who has left", () => {
    expect(state("unowned-key", keysOnly, `${keyText("k1")}\n${keyText("k2")}\n`)).toBe("holds");
    expect(state("unowned-key", keysOnly, keyText("k3"))).toBe("broken");
    expect(state("unowned-key", keysOnly, `cert-authority ${keyText("ca1")}`)).toBe("unclear");
    expect(state("leaver-key", keysOnly, `${keyText("k1")}\n${keyText("k3")}\n`)).toBe("holds");
    expect(state("leaver-key", keysOnly, keyText("k2"))).toBe("broken");
  });
});

describe("our own way in", () => {
  const config = keysOnly;
  const accounts = [{ name: "gatehouse", keys: `${keyText("k3")}\n` }];
  const own = { account: "gatehouse", fingerprint: printOf("k3") };
  test("is no offence, and any other key of that account is one", () => {
    expect(check(nobody(), { config, accounts }).state).toBe("broken");
    expect(check(nobody(), { config, accounts }, { own }).state).toBe("holds");
    const more = [{ name: "gatehouse", keys: `${keyText("k3")}\n${keyText("k1")}\n` }];
    expect(check(nobody(), { config, accounts: more }, { own }).offences).toHaveLength(1);
    expect(
      check(nobody(), { config, accounts: [{ name: "root", keys: keyText("k3") }] }, { own }).state,
    ).toBe("broken");
  });
});

describe("only Alice reaches", () => {
  const state = (keys: string, more: Partial<OnlyAssertion> = {}, config = keysOnly) =>
    check(only(more), { config, accounts: [{ name: "ann", keys }] }).state;
  test("holds for her key, and for hers beside another", () => {
    expect(state(keyText("k1"))).toBe("holds");
    const both = `${keysOnly}AuthenticationMethods publickey,publickey\n`;
    expect(state(`${keyText("k3")}\n${keyText("k1")}\n`, {}, both)).toBe("holds");
  });
  test("is broken by a password, by another's key, by a certificate of whomever, and says who", () => {
    const whose = (keys: string, config = keysOnly) =>
      check(only(), { config, accounts: [{ name: "ann", keys }] }).offences.flatMap(({ reasons }) => reasons);
    expect(whose("", "UsePAM no\nPasswordAuthentication yes\n")).toEqual([
      "whoever knows what is typed gets in",
    ]);
    expect(whose(keyText("k2"))).toEqual(["the key is of Bob, who has left"]);
    expect(whose(keyText("k3"))[0]).toMatch(/belongs to nobody/);
    expect(whose(`cert-authority ${keyText("ca1")}`)[0]).toMatch(/a certificate of SHA256:/);
  });
  test("of somebody who has left, nothing is allowed any more", () => {
    expect(state(keyText("k2"), { subjects: [{ kind: "person", personId: "b" }] })).toBe("broken");
  });
  test("may name keys, authorities and accounts as well", () => {
    expect(state(keyText("k3"), { subjects: [{ kind: "key", fingerprint: printOf("k3") }] })).toBe("holds");
    const authority = { kind: "key", fingerprint: printOf("ca1") } as const;
    expect(state(`cert-authority ${keyText("ca1")}`, { subjects: [authority] })).toBe("holds");
    expect(state(keyText("k3"), { subjects: [{ kind: "account", name: "ann" }] })).toBe("holds");
    expect(state(keyText("k3"), { subjects: [{ kind: "account", name: "bea" }] })).toBe("broken");
  });
});

describe("Alice always reaches", () => {
  const answer = (config: string, keys: string, more: Partial<AlwaysAssertion> = {}) =>
    check(always(more), { config, accounts: [{ name: "ann", keys }, { name: "bea" }] });
  const inside = { kind: "inside", networks: ["10.0.0.0/8"] } as const;
  test("with no addresses said, from somewhere", () => {
    expect(answer(`${keysOnly}AllowUsers ann@10.9.9.9\n`, keyText("k1")).state).toBe("holds");
    expect(answer(`${keysOnly}DenyUsers ann\n`, keyText("k1"))).toMatchObject({
      state: "broken",
      offences: [{ id: "missing", from: ["any address"], reasons: [] }],
    });
  });
  test("from every address that is said, and the missing ones are named", () => {
    expect(answer(keysOnly, keyText("k1"), { addresses: inside }).state).toBe("holds");
    const part = answer(`${keysOnly}AllowUsers ann@10.128.0.0/9\n`, keyText("k1"), { addresses: inside });
    expect(part).toMatchObject({ state: "broken", offences: [{ from: ["10.0.0.0/9"] }] });
  });
  test("not where the way is open at one address of the host, or sshd listens on its inside alone", () => {
    const at = (config: string, ...addresses: string[]) => {
      const { sshd } = hostWith({ config, accounts: [] });
      const listeners = [{ args: ["-D"], addresses, isSocketActivated: false }];
      return check(always({ addresses: inside }), {
        config,
        accounts: [{ name: "ann", keys: keyText("k1") }],
        more: { sshd: { ...sshd, listeners } },
      });
    };
    const half = `${keysOnly}Match LocalAddress 10.1.1.1\n  PubkeyAuthentication no\n`;
    const answer = at(half, "10.1.1.1:22", "192.0.2.1:22");
    expect(answer.state).toBe("unclear");
    expect(answer.offences[0]?.dependsOn.join()).toMatch(/clients come to 192\.0\.2\.1:22/);
    expect(at(keysOnly, "127.0.0.1:22", "[::1]:22").state).toBe("unclear");
    expect(at(keysOnly, "127.0.0.1:22", "10.1.1.1:22").state).toBe("holds");
  });
  test("not by somebody else's key, nor by one for which hers is only a part", () => {
    expect(answer(keysOnly, keyText("k3")).state).toBe("broken");
    const both = `${keysOnly}AuthenticationMethods publickey,publickey\n`;
    expect(answer(both, `${keyText("k3")}\n${keyText("k1")}\n`).state).toBe("broken");
  });
  test("a forced command is none, unless that is said to be enough", () => {
    const forced = `command="/bin/true" ${keyText("k1")}`;
    expect(answer(keysOnly, forced)).toMatchObject({
      state: "broken",
      offences: [{ reasons: ["ann: only a forced command runs"] }],
    });
    expect(answer(keysOnly, forced, { session: "any" }).state).toBe("holds");
  });
  test("an account or a key that is not there is said", () => {
    const missing = answer(keysOnly, keyText("k1"), { accounts: { kind: "names", patterns: ["zoe"] } });
    expect(missing).toMatchObject({
      state: "broken",
      offences: [{ reasons: ["the host has no such account"] }],
    });
    const unknown = answer(keysOnly, keyText("k1"), { subject: { kind: "person", personId: "z" } });
    expect(unknown).toMatchObject({
      state: "broken",
      offences: [{ reasons: ["no proved key of this person is known"] }],
    });
  });
  test("a certificate that she may or may not have is not certain", () => {
    expect(answer(keysOnly, `cert-authority ${keyText("ca1")}`).state).toBe("unclear");
  });
});

test("a rule is about hosts by tag or name, whatever the case of the name", () => {
  const host = { name: "DB-1", tags: ["prod"] };
  expect(isAbout({ hosts: { kind: "all" } }, host)).toBe(true);
  expect(isAbout({ hosts: { kind: "tags", tags: ["test", "prod"] } }, host)).toBe(true);
  expect(isAbout({ hosts: { kind: "tags", tags: ["Prod"] } }, host)).toBe(false);
  expect(isAbout({ hosts: { kind: "names", patterns: ["web-*", "db-?"] } }, host)).toBe(true);
  expect(isAbout({ hosts: { kind: "names", patterns: ["db"] } }, host)).toBe(false);
});

test("accounts are named as sshd names them: case counts", () => {
  const scope = { kind: "names", patterns: ["web-*"] } as const;
  expect(fitsAccount(scope, { name: "web-1", uid: 5 })).toBe(true);
  expect(fitsAccount(scope, { name: "Web-1", uid: 5 })).toBe(false);
});
