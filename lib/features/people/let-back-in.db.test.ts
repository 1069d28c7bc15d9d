import { expect, test } from "vitest";
import { beginJoinWithPasskey, joinWithPasskey } from "@/lib/features/people/invitation-commands";
import { letBackIn } from "@/lib/features/people/let-back-in";
import { getViewer } from "@/lib/features/people/queries";
import { Authenticator } from "@/lib/testing/authenticator";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson } from "@/lib/testing/people";

const db = await openDatabase();

test("the only owner, disabled and without a key, comes back in by a link from the console", async () => {
  const owner = await addPerson(db, "owner");
  await db.passkey.deleteMany();
  await db.person.update({ where: { id: owner.id }, data: { disabledAt: new Date() } });
  const { url } = await letBackIn(db, owner.login, new Date());
  const token = url.split("#")[1]!;
  const browser = new Browser();
  const { body } = await browser.send(beginJoinWithPasskey, { token });
  const response = new Authenticator("http://localhost:3000").create(body);
  expect(await browser.send(joinWithPasskey, { token, response })).toMatchObject({ status: 200 });
  expect((await browser.read(getViewer)).body).toMatchObject({ login: owner.login, role: "owner" });
  expect(await db.activity.findFirst({ where: { action: "person.let-back-in" } })).toMatchObject({
    actorName: "console",
    targetId: owner.id,
    detail: { wasDisabled: true },
  });
});

test("a login that nobody has names those that exist, and writes nothing", async () => {
  const rows = await db.activity.count();
  await expect(letBackIn(db, "nobody", new Date())).rejects.toThrow(/There are: owner\d+ \(owner\)/);
  expect(await db.activity.count()).toBe(rows);
});
