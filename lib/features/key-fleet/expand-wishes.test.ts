import { expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import { observeKeys } from "@/lib/features/access/key-files";
import { editKeys } from "@/lib/features/changes/key-edits";
import { expandWishes } from "@/lib/features/key-fleet/expand-wishes";
import type { Wish } from "@/lib/features/key-fleet/schema";
import { KeyOptionsInput } from "@/lib/features/placements/key-options";
import type { KnownKey, Wanted } from "@/lib/features/placements/wanted";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { publicKeyOf } from "@/lib/testing/fleet";

const home = "/home/alice/.ssh/authorized_keys";
const keyId = "7b0f1c1e-58f0-4bb8-9a7e-0b1f4f4f0001";
const printOf = (seed: string) =>
  fingerprint((parsePublicKey(publicKeyOf(seed)) ?? expect.fail("no key")).blob);

function expandOn(
  keys: string,
  wishes: Wish[],
  wanted: Partial<Wanted> = {},
  management?: string,
  config = "",
) {
  const facts = hostWith({
    config,
    accounts: [
      { name: "root", keys: "" },
      { name: "alice", keys },
    ],
  });
  const observed = observeKeys(facts, 1.78e9);
  if (typeof observed === "string") return expect.fail(observed);
  const nothing: Wanted = {
    keys: [],
    grants: [],
    known: new Map(),
    hasEnded: () => false,
    lostTag: () => undefined,
  };
  return expandWishes(wishes, observed, {
    wanted: { ...nothing, ...wanted },
    management,
    release: 902,
  });
}

const place: Wish = { kind: "place", account: "alice", keyId, fingerprint: printOf("k") };
const granted: Partial<Wanted> = {
  keys: [
    {
      grantId: "g",
      account: "alice",
      keyId,
      keyName: "Laptop",
      fingerprint: printOf("k"),
      personId: "p",
      personName: "Kim",
      options: KeyOptionsInput.parse({}),
      written: [],
      optionsText: "",
    },
  ],
};
const known = (isGone: boolean): Partial<Wanted> => ({
  known: new Map<string, KnownKey>([
    [printOf("k"), { personId: "p", personName: "Kim", keyName: "Laptop", isGone }],
  ]),
});

test("a wanted key goes to the first file, once; there with any options it is left alone", () => {
  expect(expandOn("", [place], granted).files).toMatchObject([
    { account: "alice", path: home, add: [{ keyId }], edits: [] },
  ]);
  expect(expandOn(`restrict ${publicKeyOf("k")}\n`, [place], granted).files).toEqual([]);
  expect(expandOn("", [place]).files).toEqual([]);
});

test("an account that is not there is told, not made", () => {
  const keys = granted.keys?.map((key) => ({ ...key, account: "bob" })) ?? [];
  expect(expandOn("", [{ ...place, account: "bob" }], { keys })).toEqual({
    files: [],
    blocked: ["The host has no account bob."],
  });
});

test("every line of a removed key goes, an authority's too, and no other", () => {
  const k = publicKeyOf("k");
  const text = `${k}\n${publicKeyOf("other")}\ncert-authority ${k}\n`;
  const { files } = expandOn(text, [{ kind: "remove", fingerprint: printOf("k") }]);
  expect(files.map(({ edits }) => edits.map((edit) => edit.kind === "remove" && edit.seen?.line))).toEqual([
    [1, 3],
  ]);
});

test("what is withdrawn stays while a grant stands, and goes when its person has left", () => {
  const wish: Wish = { kind: "withdraw", account: "alice", fingerprint: printOf("k") };
  const text = `${publicKeyOf("k")}\n`;
  expect(expandOn(text, [wish], { ...granted, ...known(true) }).files).toEqual([]);
  expect(expandOn(text, [wish], known(false)).files).toEqual([]);
  expect(expandOn(text, [wish], known(true)).files).toHaveLength(1);
  expect(expandOn(text, [{ ...wish, account: "root" }], known(true)).files).toEqual([]);
});

test("an end is written into the line; an earlier one stays; an authority is told", () => {
  const wish: Wish = { kind: "expire", fingerprint: printOf("k"), at: "2027-01-01T00:00:00Z" };
  const k = publicKeyOf("k", "old words");
  const { files } = expandOn(`restrict,expiry-time="20280101Z" ${k}\n`, [wish]);
  expect(files[0]?.edits).toMatchObject([
    { kind: "remove", seen: { line: 1 } },
    {
      kind: "add",
      comment: "old words",
      options: [{ name: "restrict" }, { name: "expiry-time", value: "20270101000000Z" }],
    },
  ]);
  expect(expandOn(`expiry-time="20261231Z" ${k}\n`, [wish]).files).toEqual([]);
  // In the host's own zone it may be later than it looks.
  expect(expandOn(`expiry-time="20270101" ${k}\n`, [wish]).files).toHaveLength(1);
  expect(expandOn(`cert-authority ${k}\n`, [wish])).toMatchObject({
    files: [],
    blocked: [expect.stringContaining("authority")],
  });
});

test("the key with which we come in is never touched", () => {
  const wish: Wish = { kind: "remove", fingerprint: printOf("k") };
  expect(expandOn(`${publicKeyOf("k")}\n`, [wish], {}, printOf("k"))).toEqual({
    files: [],
    blocked: ["The key with which Gatehouse itself comes in is not changed from here."],
  });
});

test("a line that sshd skips goes with its key, and one that holds another key stays", () => {
  const skipped = `no-such-option ${publicKeyOf("k")}\n`;
  const text = `${skipped}no-such-option ${publicKeyOf("other")}\n# end\n`;
  const [work, ...more] = expandOn(text, [{ kind: "remove", fingerprint: printOf("k") }]).files;
  expect(more).toEqual([]);
  expect(work?.edits).toMatchObject([{ kind: "remove", fingerprint: printOf("k"), seen: { line: 1 } }]);
  const edited = editKeys(Buffer.from(text), work?.edits ?? [], { release: 902 });
  expect(edited).toMatchObject({ text: text.slice(skipped.length) });
  // Somebody has put a line in front of it since: nothing is taken for it.
  expect(editKeys(Buffer.from(`# new\n${text}`), work?.edits ?? [], { release: 902 }).reason).toContain(
    "not as it was seen any more",
  );
  expect(expandOn(text, [place], granted).files).toMatchObject([{ add: [{ keyId }], edits: [] }]);
});

test("a key comes to the file that only root can edit where sshd looks for one, and else to the account's own", () => {
  const config = "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u\n";
  const pathsBy = (text: string) =>
    expandOn("# hers\n", [place], granted, undefined, text).files.map(({ path }) => path);
  expect(pathsBy(config)).toEqual(["/etc/ssh/authorized_keys.d/alice"]);
  expect(pathsBy("")).toEqual([home]);
});
