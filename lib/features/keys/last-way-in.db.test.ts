import { expect, test } from "vitest";
import { removeKey } from "@/lib/features/keys/key-commands";
import { removePersonKey } from "@/lib/features/keys/person-key-commands";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { addKey, addKeyHolder, KeyHost, lineOf } from "@/lib/testing/key-host";
import { act } from "@/lib/usecase";

const db = await openDatabase();

test("of the two keys that open an account, only one is taken out when both go at one moment", async () => {
  for (const round of ["a", "b", "c"]) {
    const { person, key } = await addKeyHolder(db, `Rae ${round}`, `one-${round}`);
    const other = await addKey(db, person.personId, `two-${round}`);
    await KeyHost.add(db, { alice: `${lineOf(`one-${round}`)}${lineOf(`two-${round}`)}` });
    const ends = await Promise.allSettled(
      [key, other].map(({ id }) => act(removeKey, { keyId: id }, person, origin)),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await db.personKey.count({ where: { personId: person.personId, removedAt: null } })).toBe(1);
  }
});

test("an admin does not take out the last one of his own by the door for other people's either", async () => {
  const admin = await addActor(db, "admin", "Ada");
  const key = await addKey(db, admin.personId, "ada");
  await KeyHost.add(db, { alice: lineOf("ada") });
  const path = { personId: admin.personId, keyId: key.id };
  await expect(act(removePersonKey, path, admin, origin)).rejects.toThrow(
    "No other key of yours opens alice",
  );
  // Another admin does: that is what the refusal tells whose key was stolen to ask for.
  await act(removePersonKey, path, await addActor(db, "admin", "Abe"), origin);
});
