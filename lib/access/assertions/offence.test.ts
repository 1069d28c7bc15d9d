import { describe, expect, test } from "vitest";
import type { Assertion } from "@/lib/access/assertions/assertion";
import { checkAssertion } from "@/lib/access/assertions/check-assertion";
import { newOffences } from "@/lib/access/assertions/offence";
import type { PathLimits } from "@/lib/access/path-limits";
import { testMoment as now } from "@/lib/access/testing/agreement";
import { hostWith } from "@/lib/access/testing/host";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const keyText = (name: string) => new TextDecoder().decode(world.files.get(`${name}.pub`)).trim();
const root = { name: "root", keys: `${keyText("k1")}\n${keyText("k3")}\n` };
const typedAndKeys = "UsePAM no\nPermitRootLogin yes\nPasswordAuthentication yes\n";
const keysOnly = "UsePAM no\nPasswordAuthentication no\n";

const nobodyOutside: Assertion = {
  quantifier: "nobody",
  hosts: { kind: "all" },
  accounts: { kind: "root" },
  addresses: { kind: "outside", networks: ["10.0.0.0/8"] },
  methods: "any",
};
const always: Assertion = {
  quantifier: "always",
  subject: { kind: "account", name: "root" },
  hosts: { kind: "all" },
  accounts: { kind: "all" },
  addresses: { kind: "inside", networks: ["10.0.0.0/8"] },
  session: "free",
};

/** What a change of the configuration breaks anew. */
function broken(before: string, after: string, assertion: Assertion = nobodyOutside) {
  const [old, next] = [before, after].map((config) => {
    const facts = hostWith({ config, accounts: [root] });
    return checkAssertion(assertion, whoCanLogIn(facts, { now }), {
      accounts: facts.accounts,
      doubts: [],
      people: [],
    });
  });
  if (!old || !next) throw new Error("two configurations make two answers");
  return newOffences(old, next).map(({ from }) => from.join(" "));
}

describe("what a change breaks anew", () => {
  const inside = `${keysOnly}AllowUsers root@10.0.0.0/8\n`;
  test("is every way that was not open", () => {
    expect(broken(inside, keysOnly)).toHaveLength(2);
    expect(broken(inside, `${inside}ClientAliveInterval 5\n`)).toEqual([]);
  });
  test("is not what was broken before, wherever its line stands now", () => {
    expect(broken(keysOnly, `# moved\n\n${keysOnly}`)).toEqual([]);
    expect(broken(typedAndKeys, keysOnly)).toEqual([]);
  });
  test("is a way that becomes freer than it was", () => {
    const lifted = (before: string, after: string) => {
      const [old, next] = [before, after].map((options) => {
        const facts = hostWith({
          config: keysOnly,
          accounts: [{ name: "root", keys: `${options}${keyText("k1")}\n` }],
        });
        return checkAssertion({ ...nobodyOutside, addresses: { kind: "any" } }, whoCanLogIn(facts, { now }), {
          accounts: facts.accounts,
          doubts: [],
          people: [],
        });
      });
      return old && next && newOffences(old, next).length;
    };
    const backup = 'command="/bin/backup" ';
    expect([lifted(backup, ""), lifted(backup, 'command="/bin/sh" ')]).toEqual([1, 1]);
    expect([lifted("", backup), lifted(backup, backup)]).toEqual([0, 0]);
  });
  test("is an account that gets a shell, or a host that opens again", () => {
    const facts = hostWith({ config: keysOnly, accounts: [root] });
    const held = { accounts: facts.accounts, doubts: [], people: [] };
    const answer = (limits: Partial<PathLimits>) =>
      checkAssertion(
        nobodyOutside,
        whoCanLogIn(facts, { now }).map((path) => ({ ...path, limits: { ...path.limits, ...limits } })),
        held,
      );
    for (const limits of [{ hasNoShell: true }, { isClosed: true }]) {
      expect(newOffences(answer(limits), answer({}))).toHaveLength(2);
      expect(newOffences(answer({}), answer(limits))).toEqual([]);
    }
  });
  test("is only the addresses that are added", () => {
    const two = `${keysOnly}AllowUsers root@10.0.0.0/8 root@192.0.2.0/24\n`;
    const three = `${keysOnly}AllowUsers root@10.0.0.0/8 root@192.0.2.0/24 root@2001:db8::/32\n`;
    expect(broken(two, three)).toEqual(["2001:db8::/32", "2001:db8::/32"]);
    expect(broken(three, two)).toEqual([]);
  });
  test("is a way of another kind beside those that were open", () => {
    expect(broken(keysOnly, typedAndKeys)).toEqual([
      "0.0.0.0–9.255.255.255 11.0.0.0–255.255.255.255 any IPv6 address",
    ]);
  });
  test("is not a way that asks for more than one that was open", () => {
    expect(broken(typedAndKeys, `${typedAndKeys}AuthenticationMethods publickey,password\n`)).toEqual([]);
    expect(broken(`${typedAndKeys}AuthenticationMethods publickey,password\n`, typedAndKeys)).toHaveLength(3);
  });
  test("is an address from which a way is missing that must be there", () => {
    expect(broken(keysOnly, `${keysOnly}DenyUsers root@10.5.0.0/16\n`, always)).toEqual(["10.5.0.0/16"]);
    expect(broken(`${keysOnly}DenyUsers root@10.5.0.0/16\n`, keysOnly, always)).toEqual([]);
    expect(broken(`${keysOnly}DenyUsers root\n`, `${keysOnly}DenyUsers root@10.5.0.0/16\n`, always)).toEqual(
      [],
    );
  });
});
