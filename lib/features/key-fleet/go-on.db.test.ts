import { beforeAll, expect, test } from "vitest";
import { getBatch } from "@/lib/features/key-fleet/batch-queries";
import { confirmBatch } from "@/lib/features/key-fleet/commands";
import { planWanted } from "@/lib/features/key-fleet/wanted-batch";
import { createGrant, revokeGrant } from "@/lib/features/placements/commands";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { publicKeyOf } from "@/lib/testing/fleet";
import { KeyHost } from "@/lib/testing/key-host";
import { type Actor, act, read } from "@/lib/usecase";

const db = await openDatabase();
let admin: Actor;
beforeAll(async () => {
  admin = await addActor(db, "admin", "Ada");
});

/** A member with a proved key. */
async function personWith(name: string, seed: string) {
  const person = await addActor(db, "member", name);
  const { blob, type } = parsePublicKey(publicKeyOf(seed)) ?? expect.fail("no key");
  await db.personKey.create({
    data: {
      personId: person.personId,
      fingerprint: fingerprint(blob),
      type,
      blob: new Uint8Array(blob),
      bits: 256,
      name: `Key of ${name}`,
      origin: "pasted",
      provedAt: new Date(),
    },
  });
  return { person };
}

const look = (batchId: string) => read(getBatch, { batchId }, admin, origin);
const partOf = async (batchId: string, host: KeyHost) =>
  (await look(batchId)).rows.find(({ hostId }) => hostId === host.id) ?? expect.fail("no part");

async function confirm(batchId: string): Promise<void> {
  const { confirmation } = await look(batchId);
  await act(confirmBatch, { batchId, seen: confirmation?.seen }, admin, origin);
}

test("keys that only come go from file to file without a reading in between; a reading at the end shows them", async () => {
  const { person } = await personWith("Gus", "gus");
  const host = await KeyHost.add(db, { alice: "", bob: "", root: "" });
  const place = async (account: string) =>
    (await act(createGrant, { personId: person.personId, hostId: host.id, account }, admin, origin)).grantId;
  await place("alice");
  const ofBob = await place("bob");
  await place("root");
  const { batchId } = await act(planWanted, { kind: "place", personId: person.personId }, admin, origin);
  const stateNow = async () => (await partOf(batchId, host)).state;
  const applying = async () =>
    (await db.change.findMany({ where: { hostId: host.id, state: "applying" } })).map(
      ({ account }) => account,
    );
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  await confirm(batchId);
  await host.drive();
  expect(await applying()).toEqual(["alice"]);
  await host.end("confirmed");
  // What is not wanted any more does not come, although it was planned.
  await act(revokeGrant, { grantId: ofBob }, admin, origin);
  await host.drive();
  expect([await stateNow(), await applying()]).toEqual(["applying", ["root"]]);
  await host.end("confirmed");
  await host.drive();
  expect(await stateNow(), "only a reading proves it").toBe("reading");
  await host.drive();
  expect(await stateNow()).toBe("reading");
  await host.read();
  await host.drive();
  expect(await stateNow()).toBe("done");
  expect(host.keys).toMatchObject({ bob: "", root: expect.stringContaining("Key of Gus") });
  expect(await db.change.count({ where: { hostId: host.id, state: "confirmed" } })).toBe(2);
});

test("a file that refuses what is added is read again, and the plans of the others are made anew", async () => {
  const { person } = await personWith("Hal", "hal");
  const host = await KeyHost.add(db, { alice: "", bob: "" });
  for (const account of ["alice", "bob"])
    await act(createGrant, { personId: person.personId, hostId: host.id, account }, admin, origin);
  const { batchId } = await act(planWanted, { kind: "place", personId: person.personId }, admin, origin);
  await host.read();
  await host.drive();
  await host.plan();
  await host.drive();
  await confirm(batchId);
  await host.drive();
  await host.end("refused", "Somebody edited it since.");
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("reading");
  await host.read();
  await host.drive();
  expect((await partOf(batchId, host)).state, "made from the file as it is now").toBe("planning");
  await host.plan();
  await host.drive();
  await host.end("confirmed");
  await host.drive();
  // The plan of the other file is from before the refusal.
  expect((await partOf(batchId, host)).state).toBe("planning");
  await host.plan();
  await host.drive();
  await host.end("confirmed");
  await host.drive();
  expect((await partOf(batchId, host)).state).toBe("reading");
});
