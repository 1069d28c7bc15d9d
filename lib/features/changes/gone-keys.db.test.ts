import { beforeAll, expect, test } from "vitest";
import { applyChange } from "@/lib/features/changes/commands";
import { planKeys } from "@/lib/features/changes/key-commands";
import { removePersonKey } from "@/lib/features/keys/person-key-commands";
import { disablePerson } from "@/lib/features/people/commands";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addKey, addKeyHolder, firstFile, KeyHost, lineOf } from "@/lib/testing/key-host";
import { type Actor, act } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

const apply = (changeId: string) => act(applyChange, { changeId, keepBy: "login" }, admin, origin);

async function planned(keyId: string): Promise<string> {
  const host = await KeyHost.add(db, { alice: lineOf("stays") });
  const input = { hostId: host.id, account: "alice", path: firstFile, add: [{ keyId }] };
  const { changeId } = await act(planKeys, input, admin, origin);
  await host.plan();
  return changeId;
}

test("what was planned before a key was taken out, or its person left, does not bring it in, whoever applies it", async () => {
  const tim = await addKeyHolder(db, "Tim", "tim");
  const stolen = await planned(tim.key.id);
  await act(removePersonKey, { personId: tim.person.personId, keyId: tim.key.id }, admin, origin);
  await expect(apply(stolen)).rejects.toThrow("“Key of Tim” would come in: Tim has left, or took it out");
  const liv = await addKeyHolder(db, "Liv", "liv");
  const left = await planned(liv.key.id);
  await act(disablePerson, { personId: liv.person.personId }, admin, origin);
  await expect(apply(left)).rejects.toThrow("Liv has left");
  // Who only says that it is his does not bring it back; who has proved it does.
  const max = await addActor(db, "member", "Max");
  const claimed = await addKey(db, max.personId, "tim", false);
  await expect(apply(stolen)).rejects.toThrow("Tim has left");
  await db.personKey.update({ where: { id: claimed.id }, data: { provedAt: new Date() } });
  await apply(stolen);
});

test("a line of somebody who has left may get an end: it stands there already", async () => {
  const eve = await addKeyHolder(db, "Eve", "eve");
  const host = await KeyHost.add(db, { alice: `${lineOf("eve")}${lineOf("stays")}` });
  const input = {
    hostId: host.id,
    account: "alice",
    path: firstFile,
    add: [{ keyId: eve.key.id, options: { expiresAt: "2099-01-01T00:00:00Z" } }],
    remove: [host.seen("eve")],
  };
  const { changeId } = await act(planKeys, input, admin, origin);
  await host.plan();
  await act(disablePerson, { personId: eve.person.personId }, admin, origin);
  await expect(apply(changeId)).resolves.toEqual({ changeId });
});
