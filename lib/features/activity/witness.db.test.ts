import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentError } from "@/lib/agent/errors";
import { appendActivity } from "@/lib/db/activity";
import { makeCheckpoint } from "@/lib/features/activity/checkpoint";
import { exportActivity, exportLines } from "@/lib/features/activity/commands";
import { listActivity } from "@/lib/features/activity/queries";
import { verifyExport } from "@/lib/features/activity/verify-export";
import { showCheckpoint } from "@/lib/features/activity/witness";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { act, read } from "@/lib/usecase";

const db = await openDatabase();
const owner = await addActor(db, "owner", "Olga");
let hostId: string;
let host: KeepingHost;

/** A host that keeps every line, as the agent does. */
class KeepingHost {
  lines: string[] = [];
  asked = 0;

  readonly witness = async (line: string) => {
    this.asked += 1;
    this.lines.push(line);
    return { isKept: true, lines: `${this.lines.join("\n")}\n` };
  };
}

async function addRows(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1)
    await db.$transaction((tx) =>
      appendActivity(tx, {
        at: new Date(),
        actor: { id: null, name: "Ann" },
        address: "",
        action: "host.rename",
        outcome: "done",
        detail: { n },
      }),
    );
}

/** What a superuser of PostgreSQL can do. */
async function asSuperuser(statement: string): Promise<void> {
  for (const table of ["Activity", "ActivityCheckpoint"])
    await db.$executeRawUnsafe(`alter table "${table}" disable trigger user`);
  await db.$executeRawUnsafe(statement);
  for (const table of ["Activity", "ActivityCheckpoint"])
    await db.$executeRawUnsafe(`alter table "${table}" enable trigger user`);
}

async function exportText(): Promise<string> {
  const head = await act(exportActivity, {}, owner, origin);
  let text = "";
  for await (const piece of exportLines(db, head)) text += piece;
  return text;
}

const view = async () => (await read(listActivity, {}, owner, origin)).witnesses;

beforeEach(async () => {
  hostId = await addHost(db);
  host = new KeepingHost();
  await addRows(5);
  await makeCheckpoint();
});
afterEach(async () => {
  await db.host.deleteMany();
  await asSuperuser(`delete from "ActivityCheckpoint"`);
  await asSuperuser(`delete from "Activity"`);
});

test("a checkpoint is made when rows were added, and only then", async () => {
  await makeCheckpoint();
  expect(await db.activityCheckpoint.count()).toBe(1);
  await addRows(1);
  await Promise.all([makeCheckpoint(), makeCheckpoint()]);
  expect(await db.activityCheckpoint.count()).toBe(2);
});

test.each(["update", "delete", "truncate"])("the database refuses to %s checkpoints", async (verb) => {
  const statement = {
    update: `update "ActivityCheckpoint" set seq = 1`,
    delete: `delete from "ActivityCheckpoint"`,
    truncate: `truncate "ActivityCheckpoint"`,
  }[verb];
  await expect(db.$executeRawUnsafe(statement ?? "")).rejects.toThrow(/append-only/);
});

describe("a host", () => {
  test("is shown each checkpoint once, and an export agrees with what it keeps", async () => {
    await showCheckpoint(hostId, host.witness);
    await showCheckpoint(hostId, host.witness);
    expect(host.asked).toBe(1);
    await addRows(2);
    await makeCheckpoint();
    await showCheckpoint(hostId, host.witness);
    expect(host.lines.map((line) => line.split(" ")[0])).toEqual(["5", "7"]);
    expect(await view()).toMatchObject({ hosts: 1, faults: [] });
    const report = verifyExport(await exportText(), { witness: host.lines.join("\n") });
    expect(report).toMatchObject({ checkpoints: 2, witnessed: 2, faults: [] });
  });

  test("that cannot keep it is asked again, and is no fault", async () => {
    await showCheckpoint(hostId, async () => {
      throw new AgentError("protocol", "This agent knows no verb witness.");
    });
    expect(await view()).toMatchObject({ hosts: 0, faults: [] });
    await showCheckpoint(hostId, host.witness);
    expect(await view()).toMatchObject({ hosts: 1 });
  });

  test("that makes lines up, or answers garbage, raises no alarm", async () => {
    const [seq, hash, at, key, signature] = "5 00 2026 00 00".split(" ");
    for (const line of [
      "\0".repeat(50),
      `${seq} ${hash} ${at} ${key} ${signature}`,
      `9 ${"ab".repeat(32)} 2026-01-01T00:00:00.000Z ${"00".repeat(32)} ${"00".repeat(64)}`,
      "<script>alert(1)</script>",
    ]) {
      await showCheckpoint(hostId, async () => ({ isKept: true, lines: line }));
      await addRows(1);
      await makeCheckpoint();
    }
    expect(await view()).toMatchObject({ faults: [] });
  });

  test.each([
    ["cut off", `delete from "Activity" where seq > 3`, /cut off/],
    ["emptied and begun anew", `delete from "Activity"`, /cut off/],
    ["rewritten", `update "Activity" set hash = sha256(hash)`, /rewritten/],
  ])("notices that the activity was %s, once, and the page says so", async (_, statement, expected) => {
    await showCheckpoint(hostId, host.witness);
    await asSuperuser(statement);
    await addRows(1);
    await makeCheckpoint();
    await showCheckpoint(hostId, host.witness);
    expect((await view()).faults).toMatchObject([{ hostId, message: expect.stringMatching(expected) }]);
    await addRows(6);
    await makeCheckpoint();
    await showCheckpoint(hostId, host.witness);
    expect(await db.activity.count({ where: { action: "activity.witness", outcome: "failed" } })).toBe(1);
    const report = verifyExport(await exportText(), { witness: host.lines.join("\n") });
    expect(report.faults.join("\n")).toMatch(/cut off|rewritten/);
  });
});
