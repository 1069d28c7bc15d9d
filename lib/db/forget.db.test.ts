import { expect, test } from "vitest";
import { forgetSignIns } from "@/lib/db/forget";
import { openDatabase } from "@/lib/testing/database";
import { addPerson } from "@/lib/testing/people";

const db = await openDatabase();

test("what sign-in left behind is forgotten, and what is in use is not", async () => {
  const now = new Date();
  const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
  const { id: personId } = await addPerson(db, "member");
  const session = { personId, method: "passkey", address: "", userAgent: "" };
  const bytes = () => crypto.getRandomValues(new Uint8Array(32));
  await db.session.create({ data: { ...session, tokenHash: bytes(), endsAt: days(-31) } });
  await db.session.create({ data: { ...session, tokenHash: bytes(), endsAt: days(-29) } });
  await db.session.create({
    data: { ...session, tokenHash: bytes(), endsAt: days(7), revokedAt: days(-31) },
  });
  await db.throttle.create({ data: { key: "old", windowEndsAt: days(-1) } });
  await db.throttle.create({ data: { key: "new", windowEndsAt: days(1), failures: 3 } });
  const step = { purpose: "sign-in", boundTo: "x" };
  await db.challenge.create({ data: { ...step, challenge: bytes(), expiresAt: days(-1) } });
  await db.challenge.create({ data: { ...step, challenge: bytes(), expiresAt: days(1) } });

  await forgetSignIns(db, now);

  // The one that the person is signed in by, and the one that ended 29 days ago.
  expect(await db.session.count()).toBe(2);
  expect(
    (await db.throttle.findMany({ where: { key: { in: ["old", "new"] } } })).map(({ key }) => key),
  ).toEqual(["new"]);
  expect(await db.challenge.count({ where: { boundTo: "x" } })).toBe(1);
});
