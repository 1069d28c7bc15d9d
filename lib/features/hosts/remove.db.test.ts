import { expect, test } from "vitest";
import { LiveLog } from "@/lib/features/hosts/live-log";
import { removeFromHost } from "@/lib/features/hosts/remove";
import { addActor, addHost } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";

const db = await openDatabase();
const options = { evenIfUnreachable: false, isRepeated: false, signal: new AbortController().signal };

test("a host that never answered is removed without a proof that nobody has", async () => {
  const id = await addHost(db);
  const host = { id, name: "web", agentVersion: null };
  const live = new LiveLog(async () => {});
  expect(await removeFromHost(host, live, options)).toEqual({ proof: "nothing was ever installed" });

  const { personId } = await addActor(db, "admin", "Ada");
  await db.enrolment.create({
    data: {
      hostId: id,
      way: "command",
      createdById: personId,
      expiresAt: new Date(0),
      scriptSha256: "0".repeat(64),
    },
  });
  expect(await removeFromHost(host, live, options)).toEqual({
    proof: "none",
    leftOnHost: expect.stringContaining("may be there"),
  });
  await live.end();
});
