import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { permissions, roles } from "@/lib/policy/permissions";
import { openDatabase } from "@/lib/testing/database";
import { findUseCases } from "@/lib/testing/use-cases";
import { type Actor, act, type Command, command, isSteppedUp, type Query, query, read } from "@/lib/usecase";

const db = await openDatabase();
const origin = { address: "192.0.2.1", userAgent: "Test" };
const now = new Date();

function actor(role: Actor["role"], steppedUpAt: Date | null = now): Actor {
  return {
    personId: crypto.randomUUID(),
    name: "Ann",
    login: "ann",
    role,
    sessionId: crypto.randomUUID(),
    steppedUpAt,
  };
}

const { guarded: useCases } = await findUseCases();

/** The use case with its guards, and nothing behind them. */
async function refusalOf(useCase: Command | Query, who: Actor): Promise<string> {
  const reached = async () => {
    throw new Error("reached");
  };
  try {
    if (useCase.kind === "query")
      await read({ ...useCase, input: z.unknown(), run: reached }, {}, who, origin);
    else await act({ ...useCase, input: z.unknown(), prepare: reached, run: reached }, {}, who, origin);
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return "done";
}

test("there are use cases to test, each with a permission of the table and a name of noun and verb", () => {
  expect(useCases.length).toBeGreaterThan(50);
  for (const { name, permission } of useCases) {
    expect(name).toMatch(/^[a-z-]+\.[a-z-]+$/);
    expect([...Object.keys(permissions), "signed-in"]).toContain(permission);
  }
});

describe.each(roles)("%s", (role) => {
  test.each(useCases.map((useCase) => [useCase.name, useCase] as const))(
    "may do what the table gives him and nothing else: %s",
    async (_, useCase) => {
      const allowed =
        useCase.permission === "signed-in" ||
        permissions[useCase.permission].some((holder) => holder === role);
      expect(await refusalOf(useCase, actor(role))).toBe(allowed ? "Error: reached" : "forbidden");
    },
  );
});

describe("a fresh touch", () => {
  const dangerous = useCases.filter(
    (useCase): useCase is Command => useCase.kind === "command" && !!useCase.stepUp,
  );

  test.each(dangerous.map((useCase) => [useCase.name, useCase] as const))(
    "is asked for before: %s",
    async (_, useCase) => {
      expect(await refusalOf(useCase, actor("owner", null))).toBe("step_up_required");
      const old = new Date(Date.now() - 601_000);
      expect(await refusalOf(useCase, actor("owner", old))).toBe("step_up_required");
      expect(await refusalOf(useCase, actor("owner"))).toBe("Error: reached");
    },
  );

  test("is needed for roles, factors, invitations, exports, enrolment, pins and changes on hosts", () => {
    const names = dangerous.map(({ name }) => name);
    for (const name of [
      "person.invite",
      "person.invite-again",
      "person.set-role",
      "person.disable",
      "person.enable",
      "passkey.add",
      "passkey.remove",
      "totp.set",
      "totp.remove",
      "recovery-codes.renew",
      "password.set",
      "activity.export",
      "change.apply",
      "host.repin",
      "host.remove",
    ])
      expect(names).toContain(name);
  });

  test("holds up to ten minutes", () => {
    const at = new Date(1_000_000_000);
    expect(isSteppedUp(actor("owner", at), new Date(at.getTime() + 599_999))).toBe(true);
    expect(isSteppedUp(actor("owner", at), new Date(at.getTime() + 600_000))).toBe(false);
    expect(isSteppedUp(actor("owner", null), at)).toBe(false);
  });
});

describe("an act and its row", () => {
  const make = (run: Command["run"]) =>
    command({ name: "test.act", permission: "signed-in", input: z.strictObject({}), run });
  const writeEvent = (topic: string) =>
    make(async (_, tx) => void (await tx.db.event.create({ data: { topic, kind: "k", data: {} } })));

  test("stand together", async () => {
    await act(writeEvent("both"), {}, actor("owner"), origin);
    expect(await db.event.count({ where: { topic: "both" } })).toBe(1);
    expect(await db.activity.findFirst({ orderBy: { seq: "desc" } })).toMatchObject({
      action: "test.act",
      outcome: "done",
      actorName: "Ann",
      address: "192.0.2.1",
    });
  });

  test("fall together: no row, no act", async () => {
    const rows = await db.activity.count();
    await db.$executeRaw`create function refuse_row() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$`;
    await db.$executeRaw`create trigger refuse_row before insert on "Activity" for each row execute function refuse_row()`;
    await expect(act(writeEvent("neither"), {}, actor("owner"), origin)).rejects.toThrow(/disk full/);
    await db.$executeRaw`drop trigger refuse_row on "Activity"`;
    expect(await db.event.count({ where: { topic: "neither" } })).toBe(0);
    expect(await db.activity.count()).toBe(rows);
  });

  test("of a refusal, the row stands and the act does not", async () => {
    const refused = make(async (_, tx) => {
      await tx.db.event.create({ data: { topic: "refused", kind: "k", data: {} } });
      tx.record({ target: { type: "host", id: "h", name: "web-1" } });
      throw new AppError("conflict", "Somebody was quicker.");
    });
    await expect(act(refused, {}, actor("owner"), origin)).rejects.toThrow(/quicker/);
    expect(await db.event.count({ where: { topic: "refused" } })).toBe(0);
    expect(await db.activity.findFirst({ orderBy: { seq: "desc" } })).toMatchObject({
      outcome: "refused",
      targetName: "web-1",
      detail: { refusal: "conflict", message: "Somebody was quicker." },
    });
  });

  test("of a member who tries an operator's act: the refusal is written", async () => {
    const apply = useCases.find(({ name }) => name === "change.apply") as Command;
    const who = actor("member");
    await expect(act(apply, {}, who, origin)).rejects.toMatchObject({ code: "forbidden" });
    expect(await db.activity.findFirst({ orderBy: { seq: "desc" } })).toMatchObject({
      action: "change.apply",
      outcome: "refused",
      actorId: who.personId,
      detail: { refusal: "forbidden" },
    });
  });

  test("what was prepared outlives a refusal", async () => {
    const counting = command({
      name: "test.count",
      permission: "signed-in",
      input: z.strictObject({}),
      prepare: async (_, context) =>
        void (await context.db.event.create({ data: { topic: "counted", kind: "k", data: {} } })),
      run: async () => {
        throw new AppError("conflict", "No.");
      },
    });
    await expect(act(counting, {}, actor("owner"), origin)).rejects.toThrow();
    expect(await db.event.count({ where: { topic: "counted" } })).toBe(1);
  });
});

test("wrong input names the field, and is no act", async () => {
  const rows = await db.activity.count();
  const input = z.strictObject({ host: z.strictObject({ port: z.number({ error: "A number." }) }) });
  const useCase = query({ name: "test.read", permission: "signed-in", input, run: async () => 1 });
  await expect(read(useCase, { host: { port: "x" } }, actor("owner"), origin)).rejects.toMatchObject({
    code: "invalid",
    fields: { "host.port": "A number." },
  });
  expect(await db.activity.count()).toBe(rows);
});
