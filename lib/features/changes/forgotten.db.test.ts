import { expect, test } from "vitest";
import { driveChange } from "@/lib/features/changes/drive";
import { removeHost } from "@/lib/features/hosts/operate-commands";
import { addActor, addHost, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { act } from "@/lib/usecase";

const db = await openDatabase();

test("a host that is gone for good can be removed, and its change ends without a claim of how", async () => {
  const admin = await addActor(db, "admin", "Ada");
  const hostId = await addHost(db, "web");
  const { id } = await db.change.create({
    data: {
      hostRef: "a".repeat(20),
      hostId,
      path: "/etc/ssh/sshd_config",
      fileSha256Id: "0".repeat(64),
      baseSha256: "0".repeat(64),
      baseContent: "",
      content: "",
      newSha256: "0".repeat(64),
      state: "unknown",
      authorId: admin.personId,
      keepBy: "login",
      deadlineSeconds: 60,
    },
  });
  const drive = () => driveChange(id, AbortSignal.timeout(50));
  const stateOf = async () => (await db.change.findUniqueOrThrow({ where: { id } })).state;

  await expect(act(removeHost, { hostId, name: "web" }, admin, origin)).rejects.toMatchObject({
    code: "conflict",
  });
  // Only put aside, it may come back and answer.
  await db.host.update({
    where: { id: hostId },
    data: { state: "archived", managementKeySealed: Buffer.from("x") },
  });
  await drive();
  expect(await stateOf()).toBe("unknown");

  await act(removeHost, { hostId, name: "web", evenIfUnreachable: true }, admin, origin);
  // What the worker does with a removed host that has a past (lib/features/hosts/operate.ts).
  await db.host.update({ where: { id: hostId }, data: { managementKeySealed: null } });
  await drive();
  expect(await stateOf()).toBe("forgotten");
});
