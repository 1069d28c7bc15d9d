import { expect, test } from "vitest";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { packFacts } from "@/lib/features/access/stored-facts";
import { judgeAccess, type StoredReading } from "@/lib/features/changes/access-of-plan";

const at = new Date("2026-07-01T12:00:00Z");
const path = "/etc/ssh/sshd_config";
const base = "UsePAM yes\nPasswordAuthentication yes\n";
const draft = (content: string, files = new Map([[path, base]])) => ({
  files,
  path,
  base,
  content,
  people: [],
});

function readingOf(accounts: readonly TestAccount[], more: Partial<StoredReading> = {}): StoredReading {
  const facts = packFacts(hostWith({ config: "Port 1\n", accounts }));
  return { facts, readAt: at, failedAt: null, isConsistent: true, ...more };
}

test("who loses is named, with the line that decides", () => {
  const content = `${base}DenyUsers bob\n`;
  const access = judgeAccess(readingOf([{ name: "ann" }, { name: "bob" }]), draft(content), at);
  expect(access).toMatchObject({
    obstacle: null,
    readAt: at.toISOString(),
    isStale: false,
    shutOut: { total: 1, accounts: ["bob"] },
    gains: { total: 0, rows: [] },
  });
  expect(access.loses.rows.map(({ account, why }) => [account, why])).toContainEqual([
    "bob",
    [{ text: "DenyUsers bob refuses bob.", source: `${path}:3` }],
  ]);
});

test("another file of the configuration counts as we last saw it", () => {
  const other = "/etc/ssh/sshd_config.d/a.conf";
  const files = new Map([[other, "AllowUsers ann bob\n"]]);
  const reading = readingOf([{ name: "ann" }, { name: "bob" }]);
  const including = `Include ${other}\n${base}`;
  const access = judgeAccess(reading, { files, path, base: including, content: base, people: [] }, at);
  expect([access.loses.total, access.gains.total]).toEqual([0, 0]);
  const back = judgeAccess(
    reading,
    { files: new Map([[other, "AllowUsers ann\n"]]), path, base, content: including, people: [] },
    at,
  );
  expect(back.shutOut.accounts).toEqual(["bob"]);
});

test("a host that was not read, and a reading that nobody understands, say so", () => {
  const unread = judgeAccess(null, draft("Port 2\n"), at);
  expect(unread).toMatchObject({
    obstacle: expect.stringMatching(/not read yet/),
    readAt: null,
    isStale: true,
  });
  const broken = judgeAccess(readingOf([], { facts: new Uint8Array([1, 2, 3]) }), draft("Port 2\n"), at);
  expect(broken).toMatchObject({ obstacle: expect.stringMatching(/cannot be judged/) });
  expect([...unread.shutOut.accounts, ...broken.shutOut.accounts]).toEqual([]);
});

test("an old reading is judged, and marked", () => {
  const reading = readingOf([{ name: "bob" }], { readAt: new Date("2026-06-01T00:00:00Z") });
  expect(judgeAccess(reading, draft(`${base}DenyUsers bob\n`), at)).toMatchObject({
    isStale: true,
    shutOut: { total: 1 },
  });
});

test("a reading with gaps is not certain", () => {
  const reading = readingOf([{ name: "bob" }]);
  expect(judgeAccess(reading, draft(base), at).isCertain).toBe(true);
  expect(judgeAccess({ ...reading, isConsistent: false }, draft(base), at).isCertain).toBe(false);
});

test("of very many only the first rows are kept, and all are counted", () => {
  const reading = readingOf(Array.from({ length: 250 }, (_, i) => ({ name: `u${i}`, groups: ["users"] })));
  const access = judgeAccess(reading, draft(`${base}DenyGroups users\n`), at);
  expect(access.shutOut).toMatchObject({ total: 250 });
  expect([access.shutOut.accounts.length, access.loses.rows.length]).toEqual([100, 100]);
});
