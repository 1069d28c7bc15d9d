import { AppError } from "@/lib/errors";
import { refuseGone } from "@/lib/features/changes/gone-keys";
import { markGranted, refuseUngranted } from "@/lib/features/changes/granted";
import { createKeyChange } from "@/lib/features/changes/key-commands";
import { isModeRepair, KeyEdits } from "@/lib/features/changes/key-edits";
import { putBackEdits } from "@/lib/features/changes/put-back-edits";
import { refuseWhilePending } from "@/lib/features/changes/refusals";
import { ChangeId } from "@/lib/features/changes/schema";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { readWanted } from "@/lib/features/placements/wanted";
import { findBuild } from "@/lib/sshd-config/build";
import { command } from "@/lib/usecase";

/**
 * Makes a change that undoes a kept change of a key file: what came goes, what went comes back. An ordinary one, with its
 * plan, its lock-out check and its proof; nothing on the host is touched.
 *
 * Where nobody has touched the file since, it becomes what it was, byte for byte; otherwise what others did stays.
 */
export const putBackKeys = command({
  name: "change.put-back-keys",
  permission: "config:draft",
  input: ChangeId,
  async run({ changeId }, { db, actor, now, record }) {
    const change = await db.change.findUnique({ where: { id: changeId }, include: { host: true } });
    if (!change) throw new AppError("not_found", "There is no such change.");
    const { host } = change;
    record({ target: { type: "change", id: change.id, name: `${host.name} ${change.path}` } });
    if (change.kind !== "keys" || change.account === null)
      throw new AppError(
        "invalid",
        "This is no change of a key file. Bring an earlier version of the file back from the host's history.",
      );
    if (change.state !== "confirmed")
      throw new AppError(
        "conflict",
        "Only a change that was kept can be put back: any other has done nothing.",
      );
    const edits = KeyEdits.safeParse(change.keyEdits).data;
    if (!edits || isModeRepair(edits))
      throw new AppError("invalid", "Modes that sshd refuses are not brought back.");
    const obstacle = obstacleOf(host);
    if (obstacle) throw new AppError("unavailable", obstacle);
    await refuseWhilePending(db, host.id);
    const { release } = findBuild(host.sshdVersion ?? "").build;
    const wanted = await readWanted(db, host, now);
    const back = markGranted(putBackEdits(change, { release }), change.account, wanted);
    if (back.length === 0) throw new AppError("conflict", "This change has changed no line with a key.");
    await refuseGone(db, back);
    await refuseUngranted(db, host.id, { account: change.account, keyEdits: back }, actor.role, now);
    const { account, path } = change;
    const message = `Put back: ${change.message}`.slice(0, 500);
    const madeId = await createKeyChange(
      db,
      { hostId: host.id, account, path, edits: back, message },
      actor.personId,
    );
    record({ detail: { madeChangeId: madeId, account, path } });
    return { changeId: madeId };
  },
});
