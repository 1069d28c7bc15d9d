import { expect, test } from "vitest";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import { openDatabase } from "@/lib/testing/database";
import { addPerson } from "@/lib/testing/people";

const db = await openDatabase();
const ann = await addPerson(db, "member");
const bob = await addPerson(db, "member");

let count = 0;
const addKey = (personId: string, more: { provedAt?: Date; removedAt?: Date; fingerprint?: string }) =>
  db.personKey.create({
    data: {
      personId,
      fingerprint: `SHA256:${++count}`,
      type: "ssh-ed25519",
      blob: new Uint8Array([count]),
      bits: 256,
      name: "key",
      origin: "pasted",
      ...more,
    },
  });
const at = new Date();

test("only proved keys that were kept make somebody their owner; who was disabled has left", async () => {
  await addKey(ann.id, { fingerprint: "SHA256:proved", provedAt: at });
  await addKey(ann.id, { fingerprint: "SHA256:pasted" });
  await addKey(bob.id, { fingerprint: "SHA256:removed", provedAt: at, removedAt: at });
  expect(await listKeyOwners(db)).toEqual([
    { id: ann.id, name: ann.login, fingerprints: ["SHA256:proved"], hasLeft: false },
  ]);
  await addKey(bob.id, { fingerprint: "SHA256:bobs", provedAt: at });
  await db.person.update({ where: { id: bob.id }, data: { disabledAt: at } });
  expect(await listKeyOwners(db)).toContainEqual({
    id: bob.id,
    name: bob.login,
    fingerprints: ["SHA256:bobs"],
    hasLeft: true,
  });
});

test("the database itself refuses one key of two people, and forgets what was removed", async () => {
  await addKey(ann.id, { fingerprint: "SHA256:one" });
  await expect(addKey(bob.id, { fingerprint: "SHA256:one" })).rejects.toMatchObject({ code: "P2002" });
  await db.personKey.updateMany({ where: { fingerprint: "SHA256:one" }, data: { removedAt: at } });
  await addKey(bob.id, { fingerprint: "SHA256:one" });
  expect(await db.personKey.count({ where: { fingerprint: "SHA256:one" } })).toBe(2);
});
