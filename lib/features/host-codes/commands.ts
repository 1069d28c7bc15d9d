import { AppError } from "@/lib/errors";
import {
  beginAct,
  newActId,
  refuseUnready,
  takePlacement,
  targetOfPlacement,
} from "@/lib/features/host-codes/acts";
import { HostCodesInput, Place, PlacementId, ResyncInput } from "@/lib/features/host-codes/schema";
import {
  makeScratchCodes,
  openCodeSecret,
  openScratchCodes,
  stateFileText,
} from "@/lib/features/host-codes/secret";
import type { ScratchCodesView } from "@/lib/features/host-codes/views";
import { obstacleOf, targetOf } from "@/lib/features/hosts/host-target";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { findNextCounter } from "@/lib/otp/hotp";
import { stepSeconds } from "@/lib/otp/totp";
import { command } from "@/lib/usecase";

/** Five new scratch codes; the old ones are void as soon as the host has the new. */
export const renewScratchCodes = command({
  name: "host-code.scratch-codes",
  permission: "signed-in",
  stepUp: true,
  ends: "later",
  input: PlacementId,
  async run({ placementId }, { db, actor, record }): Promise<ScratchCodesView> {
    const placement = await takePlacement(db, actor, placementId);
    record({ target: targetOfPlacement(placement) });
    refuseUnready(placement);
    refuseUnwritten(placement);
    const scratchCodes = makeScratchCodes();
    await beginAct(db, placement, "scratch", { content: { scratchCodes } });
    return { scratchCodes };
  },
});

/** Brings the host's counter to where the token stands, which two codes in a row tell. */
export const resyncCode = command({
  name: "host-code.resync",
  permission: "signed-in",
  stepUp: true,
  ends: "later",
  input: ResyncInput,
  async run({ placementId, first, second }, { db, actor, record }): Promise<void> {
    const placement = await takePlacement(db, actor, placementId);
    record({ target: targetOfPlacement(placement) });
    const { code } = placement;
    if (code.kind !== "hotp")
      throw new AppError(
        "invalid",
        "These codes go by the time, not by a counter. Set the phone's clock instead.",
      );
    refuseUnready(placement);
    refuseUnwritten(placement);
    // Never behind what two codes told before: those codes were shown, and perhaps seen.
    const counter = findNextCounter(openCodeSecret(code), [first, second], Number(code.position));
    if (counter === undefined)
      throw new AppError(
        "invalid",
        "These are not two codes of this token, one right after the other. Make two new ones, and type them in their order.",
        { fields: { second: "Not the code that follows the first." } },
      );
    await beginAct(db, placement, "resync", { content: { counter } });
  },
});

/** Mends what keeps the module from using the state file: its mode, its directory. */
export const mendCode = command({
  name: "host-code.mend",
  permission: "signed-in",
  stepUp: true,
  ends: "later",
  input: PlacementId,
  async run({ placementId }, { db, actor, record }): Promise<void> {
    const placement = await takePlacement(db, actor, placementId);
    record({ target: targetOfPlacement(placement) });
    refuseUnready(placement);
    await beginAct(db, placement, "mend");
  },
});

/**
 * Writes the state file anew with the same secret: it never came to the host, or is empty, another's or gone.
 *
 * @returns new scratch codes, when the old ones are not known any more
 */
export const rewriteCode = command({
  name: "host-code.write",
  permission: "signed-in",
  stepUp: true,
  ends: "later",
  input: PlacementId,
  async run({ placementId }, { db, actor, now, record }): Promise<Partial<ScratchCodesView>> {
    const placement = await takePlacement(db, actor, placementId);
    record({ target: targetOfPlacement(placement) });
    refuseUnready(placement);
    const { code } = placement;
    const wasThere = placement.writtenAt !== null;
    if (wasThere && code.kind === "hotp")
      throw new AppError(
        "conflict",
        "The counter was lost with the file: codes that were used would count again. Enrol anew.",
      );
    const secret = openCodeSecret(code);
    const waiting = openScratchCodes(code);
    const scratchCodes = waiting ?? makeScratchCodes();
    const actId = newActId();
    // What was used on the host is not known any more: every code that may have been shown counts as used.
    const step = Math.floor(now.getTime() / 1000 / stepSeconds);
    const text =
      code.kind === "hotp"
        ? stateFileText({ secret, kind: "hotp", position: Number(code.position) }, scratchCodes, actId)
        : stateFileText({ secret, kind: "totp", position: step }, scratchCodes, actId, [step - 1, step + 1]);
    await beginAct(db, placement, "write", { actId, content: { text }, replaces: true });
    return waiting ? {} : { scratchCodes };
  },
});

/** Mends the modes of a state file that was made on the host itself. Its secret is not touched, nor known. */
export const mendForeignCode = command({
  name: "host-code.mend-foreign",
  permission: "host-codes:write",
  stepUp: true,
  ends: "later",
  input: Place,
  async run({ hostId, account }, { db, record }): Promise<void> {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host), detail: { account } });
    const obstacle = obstacleOf(host);
    if (obstacle) throw new AppError("conflict", obstacle);
    await enqueue(
      db,
      "host-code.mend-foreign",
      { hostId, account },
      { queue: hostQueue(hostId), jobKey: `host-code.mend:${hostId}:${account}`, attempts: 1 },
    );
  },
});

/** Reads the state files on a host again. */
export const readHostCodes = command({
  name: "host-code.read",
  permission: "host:read",
  recorded: false,
  input: HostCodesInput,
  async run({ hostId }, { db }): Promise<void> {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const obstacle = obstacleOf(host);
    if (obstacle) throw new AppError("conflict", obstacle);
    await enqueue(
      db,
      "host-code.read",
      { hostId },
      { queue: hostQueue(hostId), jobKey: `host-code.read:${hostId}`, attempts: 1 },
    );
  },
});

function refuseUnwritten({ writtenAt }: { writtenAt: Date | null }): void {
  if (!writtenAt)
    throw new AppError("conflict", "The host does not have these codes yet. Bring them there first.");
}
