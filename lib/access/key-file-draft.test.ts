import { expect, test } from "vitest";
import type { FileFacts, HostFacts } from "@/lib/access/facts";
import { factsWithKeyFile, factsWithModes, modesText } from "@/lib/access/key-file-draft";
import { hostWith } from "@/lib/access/testing/host";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

const line = `${printPublicKey(ed25519PublicKey(new Uint8Array(32).fill(7), "x"))}\n`;
const path = "/home/alice/.ssh/authorized_keys";
const config =
  "PasswordAuthentication no\nUsePAM no\nAuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u\n";
const host = (keys?: string) =>
  hostWith({ config, accounts: [{ name: "alice", ...(keys !== undefined && { keys }) }] });
const waysIn = (facts: Parameters<typeof whoCanLogIn>[0]) =>
  whoCanLogIn(facts, { now: 1_800_000_000 }).length;

test("a key in a file that is not there yet lets its account in, in a home directory and elsewhere", () => {
  expect(waysIn(host())).toBe(0);
  expect(waysIn(factsWithKeyFile(host(), { account: "alice", path, text: line }))).toBe(1);
  const rooted = { account: "alice", path: "/etc/ssh/keys/alice", text: line };
  expect(waysIn(factsWithKeyFile(host(), rooted))).toBe(1);
});

test("a file that is taken away lets nobody in", () => {
  expect(waysIn(host(line))).toBe(1);
  expect(waysIn(factsWithKeyFile(host(line), { account: "alice", path, text: undefined }))).toBe(0);
  expect(waysIn(factsWithKeyFile(host(line), { account: "alice", path, text: "# nobody\n" }))).toBe(0);
});

/** The same host with its homes in /data/home, to which /home leads. */
const linked = (keys?: string): HostFacts => {
  const facts = host(keys);
  const moved = Object.entries(facts.files).map(([at, file]): [string, FileFacts] => [
    at.startsWith("/home") ? `/data${at}` : at,
    file,
  ]);
  return {
    ...facts,
    files: {
      ...Object.fromEntries(moved),
      "/data": { kind: "directory", uid: 0, gid: 0, mode: 0o755 },
      "/home": { kind: "symlink", uid: 0, gid: 0, mode: 0o777, target: "/data/home" },
    },
  };
};

test("a draft stands where sshd opens it: links on the way are followed", () => {
  expect(waysIn(linked(line))).toBe(1);
  expect(waysIn(factsWithKeyFile(linked(line), { account: "alice", path, text: "" }))).toBe(0);
  expect(waysIn(factsWithKeyFile(linked(line), { account: "alice", path, text: undefined }))).toBe(0);
  const first = factsWithKeyFile(linked(), { account: "alice", path, text: line });
  expect(waysIn(first)).toBe(1);
  expect(first.files["/data/home/alice/.ssh"]).toMatchObject({ uid: 1000, mode: 0o700 });
  expect(waysIn(factsWithModes(linked(line), modesText(path, "777,700,600")))).toBe(0);
});

test("the file itself may be a link, too", () => {
  const facts = host(line);
  const kept = "/home/alice/keys";
  const files = {
    ...facts.files,
    [kept]: { kind: "file", uid: 1000, gid: 1000, mode: 0o600, text: line },
    [path]: { kind: "symlink", uid: 1000, gid: 1000, mode: 0o777, target: kept },
  } as const;
  expect(waysIn({ ...facts, files })).toBe(1);
  expect(waysIn(factsWithKeyFile({ ...facts, files }, { account: "alice", path, text: "" }))).toBe(0);
});

test("what could not show in the answer is no draft", () => {
  const lost: HostFacts = {
    ...linked(line),
    files: { ...linked(line).files, "/home": { kind: "symlink", uid: 0, gid: 0, mode: 0o777 } },
  };
  expect(() => factsWithKeyFile(lost, { account: "alice", path, text: "" })).toThrow(/leads nowhere/);
  expect(() => factsWithModes(lost, modesText(path, "755,700,600"))).toThrow(/leads nowhere/);
  expect(() => factsWithModes(host(), modesText(path, "755,700,600"))).toThrow(/was not seen/);
  expect(() => factsWithKeyFile(host(line), { account: "zed", path, text: "" })).toThrow(/zed was not there/);
});

test("modes that StrictModes refuses keep a key out, and safe ones let it in", () => {
  const unsafe = modesText(path, "755,777,600");
  expect(unsafe).toBe(`0755 /home/alice\n0777 /home/alice/.ssh\n0600 ${path}\n`);
  expect(waysIn(factsWithModes(host(line), unsafe))).toBe(0);
  expect(waysIn(factsWithModes(host(line), modesText(path, "755,700,600")))).toBe(1);
});

test("in a home directory of root's, as for SFTP, it is root's for all to read", () => {
  const jailed = host();
  const facts: HostFacts = {
    ...jailed,
    files: { ...jailed.files, "/home/alice": { kind: "directory", uid: 0, gid: 0, mode: 0o755 } },
  };
  const first = factsWithKeyFile(facts, { account: "alice", path, text: line });
  expect(first.files["/home/alice/.ssh"]).toMatchObject({ uid: 0, mode: 0o755 });
  expect(first.files[path]).toMatchObject({ uid: 0, mode: 0o644 });
  expect(waysIn(first)).toBe(1);
});
