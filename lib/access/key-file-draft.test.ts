import { expect, test } from "vitest";
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

test("modes that StrictModes refuses keep a key out, and safe ones let it in", () => {
  const unsafe = modesText(path, "755,777,600");
  expect(unsafe).toBe(`0755 /home/alice\n0777 /home/alice/.ssh\n0600 ${path}\n`);
  expect(waysIn(factsWithModes(host(line), unsafe))).toBe(0);
  expect(waysIn(factsWithModes(host(line), modesText(path, "755,700,600")))).toBe(1);
});

test("in a home directory of root's, as for SFTP, it is root's for all to read", () => {
  const jailed = host();
  const facts = {
    ...jailed,
    files: { ...jailed.files, "/home/alice": { kind: "directory", uid: 0, gid: 0, mode: 0o755 } as const },
  };
  const first = factsWithKeyFile(facts, { account: "alice", path, text: line });
  expect(first.files["/home/alice/.ssh"]).toMatchObject({ uid: 0, mode: 0o755 });
  expect(first.files[path]).toMatchObject({ uid: 0, mode: 0o644 });
  expect(waysIn(first)).toBe(1);
});
