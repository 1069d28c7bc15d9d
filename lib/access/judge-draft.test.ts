import { describe, expect, test } from "vitest";
import { type DraftJudgement, judgeDraft, standingOf } from "@/lib/access/judge-draft";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import type { KeyOwner } from "@/lib/access/who-can-log-in";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

const now = Date.UTC(2026, 6, 1) / 1000;
const main = "/etc/ssh/sshd_config";
const world = loadLoginWorld();
const k1 = new TextDecoder().decode(world.files.get("k1.pub")).trim();
const ann: KeyOwner = {
  id: "1",
  name: "Ann",
  fingerprints: ["SHA256:O5wmK4L5tFVuK+Q0/SruYMsdfAJqQynBRCf/DhTqEoA"],
};
const accounts: TestAccount[] = [
  { name: "alice", keys: k1, password: "star" },
  { name: "bob" },
  { name: "ftp", password: "star", shell: "/usr/sbin/nologin" },
];
const open = "UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n";

function judge(draft: string, { before = open, facts = hostWith({ config: "Port 1\n", accounts }) } = {}) {
  const standing = standingOf(facts, { texts: new Map([[main, before]]), now, people: [ann] });
  return judgeDraft(standing, new Map([[main, draft]]));
}

function judged(draft: string, more = {}): DraftJudgement {
  const answer = judge(draft, more);
  if ("refused" in answer) throw new Error(answer.refused);
  return answer;
}

test("an account is shut out when its last way goes, and not before", () => {
  expect(judged(`PasswordAuthentication no\n${open}`).shutOut).toEqual(["bob"]);
  expect(judged(`AllowUsers nobody\n${open}`).shutOut).toEqual(["alice", "bob"]);
  expect(judged(`AllowUsers bob alice\n${open}`).shutOut).toEqual([]);
});

test("the texts count, not what the facts say of them", () => {
  const facts = hostWith({ config: "DenyUsers *\n", accounts });
  expect(judged(open, { facts }).difference.gains).toEqual([]);
  expect(judged(open, { facts, before: `DenyUsers bob\n${open}` }).difference.gains).toMatchObject([
    { account: "bob", methods: "password" },
  ]);
});

describe("what decides is named with its line", () => {
  test("of a loss by a list", () => {
    const answer = judged(`${open}DenyUsers alice\n`);
    const [lost] = answer.difference.loses;
    expect(lost).toMatchObject({ account: "alice", person: "Ann" });
    expect(lost && answer.why(lost)).toEqual([
      { text: "DenyUsers alice refuses alice.", source: `${main}:4` },
    ]);
  });

  test("of a loss by a method that is switched off", () => {
    const answer = judged(`PasswordAuthentication no\n${open}`);
    const [lost] = answer.difference.loses;
    expect(lost && answer.why(lost)).toEqual([{ text: "PasswordAuthentication no", source: `${main}:1` }]);
  });

  test("of a gain, with the line of the key", () => {
    const answer = judged(open, { before: `DenyUsers alice\n${open}` });
    const [gained] = answer.difference.gains;
    expect(gained && answer.why(gained)).toEqual([
      { text: "DenyUsers none" },
      { text: "the line that names the key", source: "/home/alice/.ssh/authorized_keys:1" },
    ]);
  });

  test("of the step from two factors to one", () => {
    const facts = hostWith({ config: "", accounts: [{ name: "alice", keys: k1 }] });
    const before = "UsePAM yes\nAuthenticationMethods publickey,password\n";
    const answer = judged("UsePAM yes\nAuthenticationMethods publickey\n", { facts, before });
    const [weaker] = answer.difference.weakened;
    expect(weaker).toMatchObject({ person: "Ann", before: 2, after: 1 });
    expect(weaker && answer.why(weaker)).toEqual([
      { text: "AuthenticationMethods publickey", source: `${main}:2` },
    ]);
  });
});

describe("ways of which the host alone can tell", () => {
  const directory =
    "auth [success=1 default=ignore] pam_sss.so\nauth requisite pam_deny.so\nauth required pam_permit.so\naccount required pam_unix.so\n";
  const facts = hostWith({
    config: "",
    accounts,
    files: { "/etc/pam.d/sshd": { kind: "file", uid: 0, gid: 0, mode: 0o644, text: directory } },
  });

  test("an account that keeps no other is doubtful, not shut out", () => {
    const answer = judged(`PubkeyAuthentication no\n${open}`, { facts });
    expect(answer.shutOut).toEqual([]);
    expect(answer.doubtful).toEqual(["alice"]);
    expect(answer.difference.isCertain).toBe(false);
  });

  test("a system account without shell or password loses nothing that anybody misses", () => {
    expect(judged(`PasswordAuthentication no\n${open}`, { facts }).shutOut).toEqual(["bob"]);
  });
});

test("what sshd refuses is not judged, and the side is said", () => {
  expect(judge("Prot 22\n")).toMatchObject({ side: "after", refused: expect.stringMatching(/Prot/) });
  expect(judge(open, { before: "Prot 22\n" })).toMatchObject({ side: "before" });
});
