import { describe, expect, test } from "vitest";
import { judgeDraft, standingOf } from "@/lib/access/judge-draft";
import { joinKeyPolicies, judgeKeyPolicy, type KeyPolicy } from "@/lib/access/key-policy";
import { removeKeyPolicy, writeKeyPolicy } from "@/lib/access/key-policy-block";
import { hostWith } from "@/lib/access/testing/host";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

const path = "/etc/ssh/sshd_config";
const policy = (...policies: KeyPolicy[]) => joinKeyPolicies(policies) ?? expect.fail("demands nothing");
const strict = policy({ demands: ["touch", "verify", "security-keys-only"], exceptAccounts: ["ci"] });
const accounts = [{ name: "root" }, { name: "alice" }, { name: "ci" }, { name: "gatehouse" }];
const hostOf = (config: string, version?: string) =>
  hostWith({ config, accounts, ...(version !== undefined && { version }) });

function written(config: string, joined = strict, version?: string): string {
  const { text, refused } = writeKeyPolicy(config, joined, hostOf(config, version), path, new Map());
  return text ?? expect.fail(refused);
}

/** Who is asked for less, by what: "alice lacks touch". */
function offences(config: string, joined = strict, version?: string): string[] {
  const { offences: found, obstacle } = judgeKeyPolicy(hostOf(config, version), joined, new Map());
  if (!found) return expect.fail(obstacle);
  return found.map(({ account, lacks, source }) =>
    [account ?? "others", "lacks", lacks.join("+"), ...(source ? [`by ${source}`] : [])].join(" "),
  );
}

describe("what a policy comes to on a host", () => {
  test("sshd's defaults demand nothing; neither our own account nor an excepted one is meant", () => {
    expect(offences("")).toEqual([
      "root lacks touch+verify+security-keys-only",
      "alice lacks touch+verify+security-keys-only",
      "others lacks touch+verify+security-keys-only",
    ]);
  });

  test("what is written meets it, on every version that can", () => {
    for (const version of ["OpenSSH_8.4p1 Debian-5", "OpenSSH_9.2p1 Debian-2+deb12u3", "OpenSSH_10.0p2"])
      expect(offences(written("UsePAM yes\n", strict, version), strict, version), version).toEqual([]);
  });

  test("a Match block for one person counts before ours, and the line is named", () => {
    const config = written("Port 22\nMatch User alice\n\tPubkeyAuthOptions none\n");
    expect(offences(config)).toEqual([`alice lacks touch+verify by ${path}:3`]);
  });

  test("a Match block by address is found, with the addresses", () => {
    const config = written("Match Address 10.0.0.0/8\n\tPubkeyAcceptedAlgorithms ssh-ed25519\n");
    const { offences: found = [] } = judgeKeyPolicy(hostOf(config), strict, new Map());
    expect(found.map(({ account, from }) => [account, from])).toEqual([
      ["root", ["10.0.0.0/8"]],
      ["alice", ["10.0.0.0/8"]],
      [undefined, ["10.0.0.0/8"]],
    ]);
  });

  test("keys that open nothing meet every policy", () => {
    expect(offences("PubkeyAuthentication no\n")).toEqual([]);
  });

  test("a configuration that sshd refuses is not judged", () => {
    expect(judgeKeyPolicy(hostOf("Prot 22\n"), strict, new Map()).obstacle).toContain("Prot");
  });

  test("a host that makes up addresses and accounts costs no time, and is not judged", () => {
    const blocks = Array.from(
      { length: 100 },
      (_, i) => `Match Address 10.${i >> 8}.${i & 255}.0/24\n\tBanner /x${i}\n`,
    );
    const many = Array.from({ length: 500 }, (_, i) => ({ name: `u${i}` }));
    const facts = hostWith({ config: blocks.join(""), accounts: many });
    expect(judgeKeyPolicy(facts, strict, new Map()).obstacle).toContain("too many");
  });

  test("demands of several policies add up, and an exception holds for its own policy alone", () => {
    const both = policy(
      { demands: ["touch"], exceptAccounts: ["ci", "backup"] },
      { demands: ["security-keys-only"], exceptAccounts: ["ci"] },
    );
    expect(both.everybody).toEqual(["touch", "security-keys-only"]);
    expect(Object.fromEntries(both.otherwise)).toEqual({ backup: ["security-keys-only"], ci: [] });
    expect(joinKeyPolicies([])).toBeUndefined();
    const config = written("", both);
    expect(config).toContain("Match User backup\n\tPubkeyAcceptedAlgorithms sk-");
    expect(config).toContain("Match User *,!gatehouse,!backup,!ci\n");
    expect(offences(config, both)).toEqual([]);
  });
});

describe("what is written", () => {
  test("takes nothing from what global lines demand already", () => {
    const touch = policy({ demands: ["touch"], exceptAccounts: [] });
    const config = written("PubkeyAuthOptions verify-required\n", touch);
    expect(config).toContain("\tPubkeyAuthOptions touch-required verify-required\n");
    const only = policy({ demands: ["security-keys-only"], exceptAccounts: [] });
    expect(written("PubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com,ssh-ed25519\n", only)).toContain(
      "\tPubkeyAcceptedAlgorithms sk-ssh-ed25519@openssh.com\n",
    );
  });

  test("comes out again byte for byte, and replaces what was written before", () => {
    for (const text of [
      "",
      "UsePAM yes",
      "UsePAM yes\n",
      "Port 22\r\nMatch all\n\tX11Forwarding no",
      "\n\n",
    ]) {
      const once = written(text);
      expect(removeKeyPolicy(once).text, JSON.stringify(text)).toBe(text);
      expect(written(once)).toBe(once);
    }
  });

  test.each([
    ["Match User ann\n\tForceCommand /bin/false", "ForceCommand /bin/false"],
    ["\tAllowTcpForwarding no", "AllowTcpForwarding no"],
    ["# why ci is excepted", "# why ci is excepted"],
    ["Match User ann*", "Match User ann*"],
    ["Match Address 10.0.0.0/8", "Match Address 10.0.0.0/8"],
    ["", ""],
  ])("is refused where people have written %j among our lines: it would be lost", (line, named) => {
    const edited = written("UsePAM yes\n").replace("Match all\n", `${line}\nMatch all\n`);
    const refused = expect.stringContaining(`The line "${named}" stands inside the block`);
    expect(removeKeyPolicy(edited)).toEqual({ refused });
    expect(writeKeyPolicy(edited, strict, hostOf(""), path, new Map())).toEqual({ refused });
  });

  test("is refused where lines of ours were edited away, by old versions, and for names that are patterns", () => {
    const cut = written("").replace(/# Gatehouse: end.*\n/, "");
    expect(writeKeyPolicy(cut, strict, hostOf(""), path, new Map()).refused).toContain("is gone");
    const refusedBy = (version: string) =>
      writeKeyPolicy("", strict, hostOf("", version), path, new Map()).refused;
    expect(refusedBy("OpenSSH_8.2p1 Ubuntu-4ubuntu0.13")).toContain("needs 8.4");
    const star = policy({ demands: ["touch"], exceptAccounts: ["*"] });
    expect(writeKeyPolicy("", star, hostOf(""), path, new Map()).refused).toContain("pattern");
  });
});

test("the lock-out check sees who has no security key, and that nobody else loses", () => {
  const soft = printPublicKey(ed25519PublicKey(new Uint8Array(32).fill(1), "soft"));
  const facts = hostWith({
    config: "PasswordAuthentication no\nKbdInteractiveAuthentication no\n",
    accounts: [
      { name: "alice", keys: soft },
      { name: "ci", keys: soft },
      { name: "gatehouse", keys: soft },
    ],
  });
  const text = facts.files[path]?.text ?? "";
  const after = writeKeyPolicy(text, strict, facts, path, new Map()).text ?? expect.fail("not written");
  const standing = standingOf(facts, { texts: new Map(), now: 0 });
  const judged = judgeDraft(standing, new Map([[path, after]]));
  if ("refused" in judged) return expect.fail(judged.refused);
  expect(judged.shutOut).toEqual(["alice"]);
});
