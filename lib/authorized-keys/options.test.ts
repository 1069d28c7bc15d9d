import { describe, expect, test } from "vitest";
import { mergeOptions, optionsOfCertificate } from "@/lib/authorized-keys/certificate-options";
import { describeOptions } from "@/lib/authorized-keys/describe";
import { earliestExpirySecond, expiresAtSecond, parseExpiryTime } from "@/lib/authorized-keys/expiry-time";
import { type KeyOptions, noOptions, parseOptions } from "@/lib/authorized-keys/options";
import { matchesFrom, matchNetworkList } from "@/lib/authorized-keys/source";
import type { Certificate } from "@/lib/openssh-keys/certificate";
import { printString } from "@/lib/openssh-keys/wire";

function read(text: string): KeyOptions {
  const reading = parseOptions(text);
  return "options" in reading ? reading.options : expect.fail(reading.reason);
}
function reasonOf(text: string): string | undefined {
  const reading = parseOptions(text);
  return "reason" in reading ? reading.reason : undefined;
}

describe("options read as sshd reads them", () => {
  test.each<[string, Partial<KeyOptions>]>([
    ["RESTRICT,X11-Forwarding", { isRestricted: true, permitsX11Forwarding: true, permitsPty: false }],
    ["pty,restrict", { permitsPty: false }],
    ["restrict,pty,no-pty", { permitsPty: false }],
    ["no-touch-required", { requiresTouch: false }],
    ["no-touch-required,touch-required", { requiresTouch: true }],
    ['cert-authority,principals="a,b"', { isCertAuthority: true, principals: "a,b" }],
    [",,no-pty,", { permitsPty: false }],
    ['environment="A=1",environment="A=2",environment="AB=3"', { environment: ["A=1", "AB=3"] }],
    [
      'permitopen="h:22",permitopen="[::1]:*",permitopen="h/ssh"',
      { permitOpen: ["h:22", "[::1]:*", "h/ssh"] },
    ],
    ['permitlisten="8080",permitlisten="localhost:80"', { permitListen: ["*:8080", "localhost:80"] }],
    ['tunnel="3"', { tunnel: 3 }],
    ['tunnel="ANY"', { tunnel: 2147483647 }],
    ['command="dir C:\\x \\"y\\\\""', { command: 'dir C:\\x "y\\"' }],
  ])("%s", (text, expected) => {
    // What follows the last option belongs to the key.
    expect(read(`${text} ssh-ed25519 x`)).toMatchObject(expected);
  });

  test.each([
    ["restrictive", "unknown key option"],
    ["no-restrict", "unknown key option"],
    ["no-cert-authority", "unknown key option"],
    ["pty=yes", "unknown key option"],
    ['command ="x"', "unknown key option"],
    ["restrict,", "unexpected end-of-options"],
    ['command="x', "missing end quote"],
    ['command="C:\\"', "missing end quote"],
    ["command=x", "missing start quote"],
    ['from="a",FROM="b"', 'multiple "from" clauses'],
    ['permitopen="h"', "invalid permission port"],
    ['permitopen="h:0"', "invalid permission port"],
    ['permitopen="h:65536"', "invalid permission port"],
    ['permitopen="[::1:22"', "invalid permission hostname"],
    ['permitopen="[::1]x:22"', "invalid permission hostname"],
    ['permitlisten="none"', "invalid permission port"],
    ['environment="A"', "invalid environment string"],
    ['environment="A B=1"', "invalid environment string"],
    ['tunnel="-1"', "invalid tun device"],
    ['expiry-time=""', "invalid expires time"],
  ])("%s is an error", (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });
});

test("of two values for a variable the last counts up to 8.6, then the first", () => {
  const text = 'environment="A=1",environment="A=2"';
  expect(parseOptions(text, { release: 804 })).toMatchObject({ options: { environment: ["A=2"] } });
  expect(parseOptions(text, { release: 809 })).toMatchObject({ options: { environment: ["A=1"] } });
});

describe("expiry-time", () => {
  test.each([
    ["20270131", "2027-01-31T00:00:00Z"],
    ["202701312359", "2027-01-31T23:59:00Z"],
    ["20270131235958", "2027-01-31T23:59:58Z"],
    ["20270231", "2027-03-03T00:00:00Z"],
    ["2027 1 1", "2027-01-01T00:00:00Z"],
    ["20270101000060", "2027-01-01T00:01:00Z"],
  ])("%s is a wall clock time", (text, moment) => {
    const expiry = parseExpiryTime(text, 902) ?? expect.fail("not read");
    expect(expiry.isUtc).toBe(false);
    expect(expiresAtSecond(expiry, 0)).toBe(Date.parse(moment) / 1000);
    expect(expiresAtSecond(expiry, 120)).toBe(Date.parse(moment) / 1000 - 7200);
  });

  test.each(["20270131Z", "202701310000z", "20270131UTC", "20270131000000utc"])("%s is UTC", (text) => {
    const expiry = parseExpiryTime(text, 902) ?? expect.fail("not read");
    expect(expiresAtSecond(expiry, 120)).toBe(Date.UTC(2027, 0, 31) / 1000);
    expect(parseExpiryTime(text, 900)).toBeUndefined();
  });

  test.each(["", "Z", "2027", "20271301", "20270100", "202701312460", "2027-1-1", "2027010a", "20270101ZZ"])(
    "%j is none",
    (text) => {
      expect(parseExpiryTime(text, 1000)).toBeUndefined();
    },
  );

  test("before 1970 is an error up to 10.3 and never comes from 10.4 on", () => {
    expect(parseExpiryTime("19600101Z", 1003)).toBeUndefined();
    expect(parseExpiryTime("19700101Z", 1004)).toBeUndefined();
    const expiry = parseExpiryTime("19600101Z", 1004) ?? expect.fail("not read");
    expect(expiresAtSecond(expiry, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("behind the last number anything may stand, up to 9.0", () => {
    expect(parseExpiryTime("2027011a", 809)).toMatchObject({ wallClockSecond: Date.UTC(2027, 0, 1) / 1000 });
    expect(parseExpiryTime("20270a01", 809)).toBeUndefined();
    expect(parseExpiryTime("2027011a", 902)).toBeUndefined();
  });

  test("of several the earliest counts", () => {
    const read = (text: string) => parseExpiryTime(text, 902) ?? expect.fail("not read");
    expect(earliestExpirySecond([read("20300101Z"), read("20290101Z")], 0)).toBe(Date.UTC(2029, 0) / 1000);
    expect(earliestExpirySecond([], 0)).toBeUndefined();
  });
});

describe("from= lets in", () => {
  const source = { address: "10.0.0.7", host: "alice.example.com" };
  test.each([
    ["10.0.0.7", true],
    ["10.0.0.0/8", true],
    ["10.0.0.?", true],
    ["*.EXAMPLE.com", true],
    ["*.example.com,!10.0.0.7", false],
    ["10.0.0.0/8,!alice.*", false],
    ["!10.1.0.0/16", false],
    ["192.0.2.0/24", false],
    ["10.0.0.1/8", "invalid"],
    ["10.0.0.7,,x", "invalid"],
  ])("%s: %s", (list, expected) => {
    expect(matchesFrom(list, source, 902)).toBe(expected);
  });

  test("source-address of a certificate knows networks only", () => {
    expect(matchNetworkList("10.0.0.7", "192.0.2.0/24,10.0.0.0/8", 902)).toBe(true);
    expect(matchNetworkList("::1", "10.0.0.0/8", 902)).toBe(false);
    expect(matchNetworkList(undefined, "10.0.0.*", 902)).toBe("invalid");
    expect(matchNetworkList(undefined, "!10.0.0.1", 902)).toBe("invalid");
    expect(matchNetworkList(undefined, "10.0.0.0/8,", 902)).toBe("invalid");
  });
});

describe("a certificate's options", () => {
  const certificate: Certificate = {
    type: "ssh-ed25519-cert-v01@openssh.com",
    publicKey: new Uint8Array(),
    serial: 1n,
    kind: "user",
    keyId: "id",
    principals: ["alice"],
    validAfter: 0n,
    validBefore: 2n ** 64n - 1n,
    criticalOptions: [],
    extensions: [],
    signatureKey: new Uint8Array(),
    signatureAlgorithm: "ssh-ed25519",
    signedPart: new Uint8Array(),
    signature: new Uint8Array(),
  };
  const empty = new Uint8Array();
  const forced = (command: string) => ({ name: "force-command", data: printString(command) });

  test("permit only what extensions name", () => {
    const reading = optionsOfCertificate({
      ...certificate,
      criticalOptions: [forced("/bin/date"), { name: "source-address", data: printString("10.0.0.0/8") }],
      extensions: [
        { name: "permit-pty", data: empty },
        { name: "login@github.com", data: printString("alice") },
      ],
    });
    expect(reading).toMatchObject({
      options: {
        permitsPty: true,
        permitsPortForwarding: false,
        command: "/bin/date",
        sourceAddress: "10.0.0.0/8",
      },
    });
  });

  test.each([
    [
      "a critical option that sshd does not know",
      { criticalOptions: [{ name: "x@example.com", data: empty }] },
    ],
    ["a command twice", { criticalOptions: [forced("a"), forced("a")] }],
    [
      "data behind a command",
      { criticalOptions: [{ name: "force-command", data: new Uint8Array([0, 0, 0, 0, 1]) }] },
    ],
    [
      "a source that is no network",
      { criticalOptions: [{ name: "source-address", data: printString("*") }] },
    ],
    [
      "data in an extension that has none",
      { extensions: [{ name: "permit-pty", data: new Uint8Array([1]) }] },
    ],
    ["being a host's", { kind: "host" as const }],
  ])("refuse the certificate for %s", (_, wrong) => {
    expect(optionsOfCertificate({ ...certificate, ...wrong })).toHaveProperty("reason");
  });

  test("verify-required is a critical option that sshd 8.2 does not know", () => {
    const asking = { ...certificate, criticalOptions: [{ name: "verify-required", data: empty }] };
    expect(optionsOfCertificate(asking, 802)).toHaveProperty("reason");
    expect(optionsOfCertificate(asking, 804)).toMatchObject({ options: { requiresVerification: true } });
  });

  test("and a line's permit what both permit, and demand what one demands", () => {
    const reading = optionsOfCertificate({
      ...certificate,
      extensions: [
        { name: "permit-pty", data: empty },
        { name: "no-touch-required", data: empty },
      ],
    });
    const options = "options" in reading ? reading.options : expect.fail(reading.reason);
    expect(mergeOptions(read('verify-required,from="a",expiry-time="20300101Z"'), options)).toMatchObject({
      options: {
        permitsPty: true,
        permitsAgentForwarding: false,
        requiresTouch: true,
        requiresVerification: true,
        from: "a",
        expiries: [{ isUtc: true }],
      },
    });
    expect(mergeOptions(read("no-pty,no-touch-required"), options)).toMatchObject({
      options: { permitsPty: false, requiresTouch: false },
    });
  });

  test("and a line's may force the same command, not another", () => {
    const forcing = { ...noOptions, command: "a" };
    expect(mergeOptions(read('command="a"'), forcing)).toMatchObject({ options: { command: "a" } });
    expect(mergeOptions(read('command="b"'), forcing)).toHaveProperty("reason");
  });
});

describe("options in words", () => {
  const words = (text: string, zoneMinutes?: number) =>
    describeOptions(read(text), zoneMinutes).map((description) => description.text);

  test.each([
    ["", []],
    ["restrict", ["No terminal, port forwarding, agent forwarding, X11 forwarding or ~/.ssh/rc."]],
    [
      'from="10.0.0.0/8,*.example.com,!10.6.6.6"',
      ["Only from 10.0.0.0/8 or *.example.com, but not from 10.6.6.6."],
    ],
    ['from="!10.6.6.6"', ["From nowhere: from= only says where not."]],
    ['command="borg serve"', ["Always runs borg serve and nothing else."]],
    ['expiry-time="20300101Z",expiry-time="202901012359Z"', ["Until 2029-01-01 23:59:00 UTC."]],
    ['expiry-time="20300101"', ["Until 2030-01-01 00:00:00 in the host's own time zone."]],
    [
      "verify-required,no-touch-required",
      [
        "A security key must check a PIN or a fingerprint.",
        "A security key need not be touched, unless the server asks for it.",
      ],
    ],
    [
      'cert-authority,principals="ops,dba"',
      ["Opens nothing itself; lets in every certificate that it signed for ops or dba."],
    ],
    ['principals="ops"', ["Opens nothing: principals= needs cert-authority beside it."]],
    ['permitopen="db:5432"', ["Forwards to db:5432 only."]],
    ['no-port-forwarding,permitopen="db:5432"', ["No port forwarding."]],
  ])("%s", (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test("a time without a zone is the host's", () => {
    expect(words('expiry-time="20300101"', 120)).toEqual(["Until 2029-12-31 22:00:00 UTC."]);
  });
});
