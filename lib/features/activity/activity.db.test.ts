import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { exportActivity, exportLines } from "@/lib/features/activity/commands";
import { listActivity } from "@/lib/features/activity/queries";
import { verifyExport } from "@/lib/features/activity/verify-export";
import { renamePasskey } from "@/lib/features/people/me-commands";
import { getMe } from "@/lib/features/people/queries";
import { download } from "@/lib/http/download";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, forgetStepUp, stepUp } from "@/lib/testing/people";

const db = await openDatabase();
const GET = download(exportActivity, {
  fileName: "activity.jsonl",
  type: "application/jsonl",
  lines: exportLines,
});
const owner = await addPerson(db, "owner");
const { body: me } = await owner.browser.read(getMe);
const params = { passkeyId: me.passkeys[0]!.id };
const rename = (name: string) => owner.browser.send(renamePasskey, { name }, { params });
for (const name of ["Blue", "Red", "Green", "Black", "White"]) await rename(name);

async function exportText(): Promise<string> {
  const response = await owner.browser.fetch(GET, { method: "GET" }, {});
  expect(response.status).toBe(200);
  expect(response.headers.get("content-disposition")).toContain("attachment");
  return response.text();
}

const earlier = await exportText();
await rename("Yellow");
const whole = await exportText();
const lines = whole.trimEnd().split("\n");
const join = (changed: readonly string[]) => `${changed.join("\n")}\n`;
const edit = (line: number, change: (row: Record<string, unknown>) => void) => {
  const row: Record<string, unknown> = JSON.parse(lines[line]!);
  change(row);
  return join(lines.with(line, JSON.stringify(row)));
};

describe("an export", () => {
  test("is whole, signed, and holds every row up to its head", () => {
    const report = verifyExport(whole, { earlier });
    expect(report.faults).toEqual([]);
    expect(report.rows).toBe(lines.length - 1);
    expect(report.signedBy).toMatch(/^SHA256:/);
    expect(verifyExport(whole, { signer: report.signedBy! }).faults).toEqual([]);
  });

  test.each<[string, () => string, RegExp]>([
    ["an edited name", () => edit(3, (row) => Object.assign(row, { actorName: "Bob" })), /Row 3 is not what/],
    [
      "an edited detail",
      () => edit(3, (row) => Object.assign(row, { detail: { x: 1 } })),
      /Row 3 is not what/,
    ],
    [
      "an edited moment",
      () => edit(3, (row) => Object.assign(row, { at: "2020-01-01T00:00:00.000Z" })),
      /Row 3/,
    ],
    [
      "an edited hash",
      () => edit(3, (row) => Object.assign(row, { hash: "00".repeat(32) })),
      /Row 3 is not what/,
    ],
    ["a deleted row", () => join(lines.toSpliced(3, 1)), /Rows 3 to 3 are missing/],
    ["a deleted first row", () => join(lines.toSpliced(1, 1)), /Rows 1 to 1 are missing/],
    ["a row that stands twice", () => join(lines.toSpliced(3, 0, lines[3]!)), /Row 3 stands after row 3/],
    [
      "two rows that changed places",
      () => join(lines.with(3, lines[4]!).with(4, lines[3]!)),
      /missing|after/,
    ],
    ["an empty chain", () => join(lines.slice(0, 1)), /were cut off/],
    ["a cut-off end", () => join(lines.slice(0, -1)), /rows up to \d+ were cut off/],
    ["a cut-off end with the head moved back", () => moved(), /signature is wrong/],
    ["no header", () => join(lines.slice(1)), /not the header/],
    ["a line that is no row", () => join(lines.toSpliced(3, 0, "{}")), /Line 4 is not a row/],
    [
      "a field that nobody knows",
      () => edit(3, (row) => Object.assign(row, { note: "x" })),
      /Line 4 is not a row/,
    ],
  ])("shows %s", (_, tamper, expected) => {
    expect(verifyExport(tamper()).faults.join("\n")).toMatch(expected);
  });

  function moved(): string {
    const cut = lines.slice(0, -1);
    const header = JSON.parse(lines[0]!);
    const last = JSON.parse(cut.at(-1)!);
    Object.assign(header.head, { seq: last.seq, hash: last.hash });
    return join(cut.with(0, JSON.stringify(header)));
  }

  test("shows another installation's signature, and rows that an earlier export held", () => {
    expect(verifyExport(whole, { signer: "SHA256:other" }).faults.join()).toMatch(/another installation/);
    expect(verifyExport(earlier, { earlier: whole }).faults.join()).toMatch(
      /is not here: the chain was cut off/,
    );
  });

  test("needs a fresh touch and the permission, and is an act itself", async () => {
    const operator = await addPerson(db, "operator");
    expect((await operator.browser.fetch(GET, { method: "GET" }, {})).status).toBe(403);
    await forgetStepUp(db, owner);
    const refused = await owner.browser.fetch(GET, { method: "GET" }, {});
    expect(await refused.json()).toMatchObject({ error: { code: "step_up_required" } });
    await stepUp(owner);
    await exportText();
    expect(await db.activity.findFirst({ orderBy: { seq: "desc" } })).toMatchObject({
      action: "activity.export",
      outcome: "done",
    });
  });
});

describe("npm run activity:verify", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-export-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = async (text: string, ...options: string[]) => {
    const file = path.join(folder, "export.jsonl");
    writeFileSync(file, text);
    const command = ["--import", "tsx", "scripts/activity-verify.ts", file, ...options];
    return promisify(execFile)(process.execPath, command, {
      cwd: path.join(import.meta.dirname, "../../.."),
      env: { ...process.env, DATABASE_URL: "" },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error) => ({ code: error.code, text: error.stdout + error.stderr }),
    );
  };

  test("ends well on a whole export and ill on a tampered one, without a database", async () => {
    expect(await run(whole)).toMatchObject({ code: 0, text: expect.stringContaining("Whole") });
    const tampered = edit(3, (row) => Object.assign(row, { actorName: "Bob" }));
    expect(await run(tampered)).toMatchObject({
      code: 1,
      text: expect.stringContaining("Row 3 is not what"),
    });
    expect(await run(whole, "--earlier", path.join(folder, "absent"))).toMatchObject({ code: 2 });
  });
});

describe("the list", () => {
  test("gives the newest first, in portions that meet", async () => {
    const first = await owner.browser.read(listActivity, { limit: "10" });
    const second = await owner.browser.read(listActivity, {
      limit: "10",
      before: first.body.nextBefore ?? "0",
    });
    const seqs = [...first.body.rows, ...second.body.rows].map(({ seq }) => Number(seq));
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(first.body.total).toBeGreaterThanOrEqual(seqs.length);
  });

  test("narrows by text, action and outcome, and names every action", async () => {
    const { body } = await owner.browser.read(listActivity, { q: "yell", action: "passkey.rename" });
    expect(body.rows.map(({ targetName }) => targetName)).toEqual(["Yellow"]);
    expect(body.total).toBe(1);
    expect(body.actions).toEqual([...new Set(body.actions)].sort());
    expect(body.actions).toContain("passkey.rename");
    const refused = await owner.browser.read(listActivity, { outcome: "refused" });
    expect(refused.body.rows.every(({ outcome }) => outcome === "refused")).toBe(true);
  });

  test("is nothing for an operator", async () => {
    const operator = await addPerson(db, "operator");
    expect(await operator.browser.read(listActivity)).toMatchObject({ status: 403 });
  });
});
