import { describe, expect, test } from "vitest";
import { findLockout, type ManagementLogin } from "@/lib/access/lockout";
import { readDump } from "@/lib/sshd-config/diff";

const login = {
  account: "gatehouse",
  port: 22,
  pinnedTypes: ["ssh-ed25519", "ssh-rsa"],
  markerVariable: "GATEHOUSE_CHANGE_abcdefghij0123456789",
};

/** What a stock bookworm says, cut to what is judged. */
const stock = `port 22
addressfamily any
listenaddress [::]:22
listenaddress 0.0.0.0:22
usepam yes
maxauthtries 6
maxsessions 10
pubkeyauthentication yes
passwordauthentication yes
forcecommand none
chrootdirectory none
ciphers chacha20-poly1305@openssh.com,aes128-ctr,aes256-gcm@openssh.com
kexalgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256
authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2
hostkeyalgorithms ssh-ed25519,rsa-sha2-512
pubkeyacceptedalgorithms ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-512
revokedkeys none
acceptenv LANG
`;
const proof = `acceptenv ${login.markerVariable}\n`;

/** The obstacles of `stock` with one keyword replaced. */
function obstaclesOf(line: string, options: { before?: string } = {}): string[] {
  const keyword = line.split(" ")[0] ?? "";
  const kept = stock
    .split("\n")
    .filter((l) => !l.startsWith(`${keyword} `))
    .join("\n");
  const result = findLockout(readDump(options.before ?? stock), readDump(`${kept}${line}\n${proof}`), login);
  return result.obstacles.map((o) => o.keyword);
}

test("a stock configuration with the proof block lets us in", () => {
  expect(findLockout(readDump(stock), readDump(stock + proof), login)).toEqual({
    obstacles: [],
    doubts: [],
  });
});

describe("what shuts the management account out is named by its keyword", () => {
  test.each([
    ["allowusers nobody", "AllowUsers"],
    ["allowusers gatehouse,nobody", "AllowUsers"],
    ["denyusers gate*", "DenyUsers"],
    ["denyusers *@*", "DenyUsers"],
    ["allowgroups wheel", "AllowGroups"],
    ["denygroups gatehouse", "DenyGroups"],
    ["maxstartups 0:100:0", "MaxStartups"],
    ["maxstartups 0:100:10", "MaxStartups"],
    ["persourcemaxstartups 0", "PerSourceMaxStartups"],
    ["pubkeyauthentication no", "PubkeyAuthentication"],
    ["authenticationmethods publickey,password", "AuthenticationMethods"],
    ["pubkeyacceptedalgorithms rsa-sha2-512", "PubkeyAcceptedAlgorithms"],
    ["pubkeyacceptedalgorithms *,!ssh-ed25519", "PubkeyAcceptedAlgorithms"],
    ["authorizedkeysfile /etc/ssh/keys/%u", "AuthorizedKeysFile"],
    ["maxauthtries 0", "MaxAuthTries"],
    ["maxsessions 0", "MaxSessions"],
    ["forcecommand /bin/false", "ForceCommand"],
    ["chrootdirectory /srv", "ChrootDirectory"],
    ["hostkeyalgorithms ecdsa-sha2-nistp256", "HostKeyAlgorithms"],
    ["kexalgorithms mlkem768x25519-sha256", "KexAlgorithms"],
    ["ciphers 3des-cbc", "Ciphers"],
    ["listenaddress 0.0.0.0:2222", "Port"],
    ["refuseconnection yes", "RefuseConnection"],
    ["acceptenv *", "AcceptEnv"],
  ])("%s", (line, keyword) => {
    expect(obstaclesOf(line)).toEqual([keyword]);
  });
});

describe("what does not shut us out is not reported", () => {
  test.each([
    "allowusers nobody gatehouse",
    "allowusers gate?ouse",
    "denyusers nobody",
    "allowgroups wheel gatehouse",
    "authenticationmethods publickey,password publickey",
    "authenticationmethods any",
    "authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2 /etc/ssh/keys/%u",
    "maxauthtries 1",
    "hostkeyalgorithms rsa-sha2-256",
    "passwordauthentication no",
    "listenaddress 192.0.2.1:22",
  ])("%s", (line) => {
    expect(obstaclesOf(line)).toEqual([]);
  });
});

test("a file that is not in force for our account cannot be proved, and is an obstacle", () => {
  expect(findLockout(readDump(stock), readDump(stock), login).obstacles.map((o) => o.keyword)).toEqual([
    "AcceptEnv",
  ]);
});

test("a group list that let us in before and only grew still lets us in", () => {
  expect(obstaclesOf("allowgroups ops wheel", { before: `${stock}allowgroups ops\n` })).toEqual([]);
});

describe("what the host tells about our account is believed, not guessed", () => {
  const told = (line: string, more: Partial<ManagementLogin>) => {
    const keyword = line.split(" ")[0] ?? "";
    const kept = stock
      .split("\n")
      .filter((l) => !l.startsWith(`${keyword} `))
      .join("\n");
    const after = readDump(`${kept}${line}\n${proof}`);
    return findLockout(readDump(stock), after, { ...login, ...more }).obstacles.map((o) => o.keyword);
  };

  test("another group of the account satisfies AllowGroups", () => {
    expect(told("allowgroups ssh-users", { groups: ["gatehouse", "ssh-users"] })).toEqual([]);
    expect(told("allowgroups ssh-*", { groups: ["gatehouse", "ssh-users"] })).toEqual([]);
    expect(told("allowgroups wheel", { groups: ["gatehouse", "ssh-users"] })).toEqual(["AllowGroups"]);
  });

  test("another group of the account falls under DenyGroups", () => {
    expect(told("denygroups ssh-users", { groups: ["gatehouse", "ssh-users"] })).toEqual(["DenyGroups"]);
  });

  test("a primary group of another name is the one that counts", () => {
    expect(told("allowgroups gatehouse", { groups: ["daemons"] })).toEqual(["AllowGroups"]);
  });

  test("a pattern of AuthorizedKeysFile may go while another one leads to our key", () => {
    const line = "authorizedkeysfile .ssh/authorized_keys /etc/ssh/keys/%u";
    expect(told(line, { keyFile: "/home/gatehouse/.ssh/authorized_keys" })).toEqual([]);
    expect(told(line, { keyFile: null })).toEqual(["AuthorizedKeysFile"]);
  });

  test("our key may move to a file that was not read before", () => {
    expect(told("authorizedkeysfile /etc/keys/%u", { keyFile: "/etc/keys/gatehouse" })).toEqual([]);
  });
});

test("a port that sshd_config never ruled is not held against the change", () => {
  const socket = stock.replaceAll(":22", ":2200").replace("port 22\n", "port 2200\n");
  expect(obstaclesOf("listenaddress 0.0.0.0:2222", { before: socket })).toEqual([]);
});

test("what cannot be told from a dump is a doubt, never a guess", () => {
  const doubts = (line: string) =>
    findLockout(readDump(stock), readDump(`${stock}${line}\n${proof}`), login).doubts.map((d) => d.keyword);
  expect(doubts("allowusers gatehouse@10.0.0.0/8")).toEqual(["AllowUsers"]);
  expect(doubts("allowusers gatehouse@10.0.0.0/8 gatehouse")).toEqual([]);
  expect(
    findLockout(
      readDump(stock),
      readDump(stock.replace("revokedkeys none", "revokedkeys /etc/ssh/revoked") + proof),
      login,
    ).doubts.map((d) => d.keyword),
  ).toEqual(["RevokedKeys"]);
});

test("dumps in mixed case, as OpenSSH 10.4 and later print them, are read alike", () => {
  const camel = `${stock}${proof}`.replace("maxauthtries 6", "MaxAuthTries 0");
  expect(findLockout(readDump(stock), readDump(camel), login).obstacles.map((o) => o.keyword)).toEqual([
    "MaxAuthTries",
  ]);
});
