import { expect, test } from "vitest";
import type { AccountEvidence, CodeEvidence, HostEvidence, KeyEvidence } from "@/lib/two-factor/evidence";
import { exceptedAccounts, judgeReadiness, mayRequire } from "@/lib/two-factor/readiness";

const carol = { id: "c", name: "Carol" };
const dave = { id: "d", name: "Dave" };
const key: KeyEvidence = {
  fingerprint: "SHA256:x",
  isSecurityKey: false,
  verifiesOwner: false,
  holder: carol,
  hasLeft: false,
};
const codes: CodeEvidence = {
  kind: "totp",
  holder: carol,
  standing: "on-host",
  broken: null,
  isProved: true,
  lastUsedAt: new Date(0),
  scratchCodes: 5,
};
const alice: AccountEvidence = {
  account: "alice",
  uid: 1000,
  keys: [key],
  entersWithoutKey: false,
  mayBeAsked: true,
  codes,
  exception: null,
};
const exception = { id: "e", reason: "A robot.", byName: "Ada", until: new Date(1) };
const host = (accounts: AccountEvidence[], more: Partial<HostEvidence> = {}): HostEvidence => ({
  gaps: [],
  clockOffsetSeconds: 0,
  accounts,
  ...more,
});
const gapsOf = (account: AccountEvidence, clockOffsetSeconds = 0) =>
  judgeReadiness(host([account], { clockOffsetSeconds })).accounts[0]?.gaps.map(({ code }) => code);
const withCodes = (more: Partial<CodeEvidence>) => ({ ...alice, codes: { ...codes, ...more } });

test("who has a key and codes that were proved is ready, and the gate opens", () => {
  const readiness = judgeReadiness(host([alice]));
  expect(readiness.accounts[0]).toMatchObject({ state: "ready", gaps: [], cautions: [], factor: "totp" });
  expect(mayRequire(readiness)).toBe(true);
});

test.each([
  ["no key", { ...alice, keys: [] }, "no-key"],
  ["neither codes nor a security key", { ...alice, codes: null }, "no-second-factor"],
  ["codes that the host has not got yet", withCodes({ standing: "on-the-way" }), "codes-on-the-way"],
  ["revoked codes", withCodes({ standing: "removing" }), "codes-being-removed"],
  ["a state file that the module refuses", withCodes({ broken: "It is empty." }), "codes-broken"],
  ["codes that nobody was seen to use", withCodes({ isProved: false }), "codes-not-proved"],
  ["no scratch codes", withCodes({ scratchCodes: 0 }), "no-scratch-codes"],
  [
    "a key of somebody else",
    { ...alice, keys: [key, { ...key, fingerprint: "SHA256:y", holder: dave }] },
    "others-codes",
  ],
  [
    "a key of nobody known",
    { ...alice, keys: [key, { ...key, fingerprint: "SHA256:y", holder: null }] },
    "unknown-holder",
  ],
  [
    "a security key that asks for a touch alone",
    { ...alice, codes: null, keys: [{ ...key, isSecurityKey: true }] },
    "security-key-unverified",
  ],
  ["codes that sshd never asks for", { ...alice, mayBeAsked: false }, "never-asked"],
  ["no codes, which would be of no use", { ...alice, codes: null, mayBeAsked: false }, "never-asked"],
])("an account with %s is not ready, and shuts the gate until somebody answers for it", (_, account, gap) => {
  expect(gapsOf(account)).toEqual([gap]);
  const missing = judgeReadiness(host([alice, { ...account, account: "bob" }]));
  expect([mayRequire(missing), missing.missing, missing.ready]).toEqual([false, 1, 1]);
  expect(missing.accounts[0]?.account).toBe("bob");
  const excepted = judgeReadiness(host([alice, { ...account, account: "bob", exception }]));
  expect([mayRequire(excepted), exceptedAccounts(excepted)]).toEqual([true, ["bob"]]);
});

test("an exception of an account that is ready excepts nobody", () => {
  expect(exceptedAccounts(judgeReadiness(host([{ ...alice, exception }])))).toEqual([]);
});

test("what is in doubt about the host itself shuts the gate, whoever answers for accounts", () => {
  const gaps = [{ code: "codes-not-read", text: "" }] as const;
  expect(mayRequire(judgeReadiness(host([alice], { gaps })))).toBe(false);
});

test("a clock that is off shuts out codes by time, not those by a counter, and warns before", () => {
  expect(gapsOf(alice, 31)).toEqual(["clock-off"]);
  expect(gapsOf(alice, -31)).toEqual(["clock-off"]);
  expect(gapsOf(withCodes({ kind: "hotp" }), 31)).toEqual([]);
  const near = judgeReadiness(host([alice], { clockOffsetSeconds: -15 })).accounts[0];
  expect([near?.state, near?.cautions.map(({ code }) => code)]).toEqual(["ready", ["clock-near"]]);
});

test("security keys that ask for PIN or fingerprint are a second factor by themselves", () => {
  const own = { ...key, isSecurityKey: true, verifiesOwner: true };
  expect(gapsOf({ ...alice, codes: null, keys: [own, { ...own, holder: dave }] })).toEqual([]);
  expect(gapsOf({ ...alice, codes: null, keys: [own, { ...key, holder: dave }] })).toEqual([
    "no-second-factor",
  ]);
});

test("who has left is not waited for", () => {
  expect(gapsOf({ ...alice, keys: [key, { ...key, holder: dave, hasLeft: true }] })).toEqual([]);
});

test("codes that were made on the host belong to the one who holds the one key", () => {
  const foreign = withCodes({ holder: null });
  const nobodys = { ...key, holder: null };
  expect(gapsOf({ ...foreign, keys: [nobodys] })).toEqual([]);
  expect(gapsOf({ ...foreign, keys: [key] })).toEqual([]);
  expect(gapsOf({ ...foreign, keys: [nobodys, { ...nobodys, fingerprint: "SHA256:y" }] })).toEqual([
    "unknown-holder",
  ]);
  expect(gapsOf({ ...foreign, keys: [key, { ...key, holder: dave }] })).toEqual(["others-codes"]);
});

test("few scratch codes, codes never used and a way by password are said and keep nobody", () => {
  const account = { ...withCodes({ scratchCodes: 2, lastUsedAt: null }), entersWithoutKey: true };
  const [judged] = judgeReadiness(host([account])).accounts;
  expect(judged?.state).toBe("ready");
  expect(judged?.cautions.map(({ code }) => code)).toEqual([
    "few-scratch-codes",
    "never-used",
    "enters-without-key",
  ]);
});
