import { timing } from "@/lib/change/timing";
import { AppError } from "@/lib/errors";
import { randomHostRef } from "@/lib/features/changes/commands";
import { refuseWhilePending } from "@/lib/features/changes/refusals";
import { PlanTwoFactorInput } from "@/lib/features/changes/two-factor-schema";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { enqueue } from "@/lib/jobs/enqueue";
import { command } from "@/lib/usecase";

const messages = {
  optional: "Ask those who have a secret for a code",
  required: "Require a second factor",
  off: "Stop asking for a second factor",
} as const;

/**
 * Makes a change of sshd's main file and its PAM file together: how far the host asks for a second factor, and of whom.
 *
 * The worker reads the host and makes both files from what it finds; nothing on the host is touched.
 */
export const planTwoFactor = command({
  name: "change.plan-two-factor",
  permission: "two-factor:enforce",
  input: PlanTwoFactorInput,
  async run({ hostId, ...request }, { db, actor, record }) {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: { type: "host", id: host.id, name: host.name }, detail: { ...request } });
    const obstacle = obstacleOf(host);
    if (obstacle) throw new AppError("unavailable", obstacle);
    await refuseWhilePending(db, hostId);
    const change = await db.change.create({
      data: {
        hostRef: randomHostRef(),
        hostId,
        kind: "two-factor",
        twoFactor: request,
        path: "/etc/ssh/sshd_config",
        // The worker fills them in, from the files as they stand on the host.
        fileSha256Id: "",
        baseSha256: "absent",
        baseContent: "",
        content: "",
        newSha256: "",
        state: "planning",
        authorId: actor.personId,
        message: messages[request.step],
        keepBy: "person",
        deadlineSeconds: timing.personDeadlineSeconds,
      },
    });
    await enqueue(db, "change.plan", { changeId: change.id });
    record({ detail: { changeId: change.id } });
    return { changeId: change.id };
  },
});
