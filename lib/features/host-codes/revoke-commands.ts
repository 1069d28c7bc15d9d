import { AppError } from "@/lib/errors";
import {
  beginRevoking,
  revokeAllCodes,
  takePlacement,
  targetOfPlacement,
} from "@/lib/features/host-codes/acts";
import { CodesOfPerson, PlacementId } from "@/lib/features/host-codes/schema";
import { can } from "@/lib/policy/permissions";
import { command } from "@/lib/usecase";

/** Takes the codes off the host. Where logins ask for codes, the account gets in by none until it is enrolled again. */
export const revokeCode = command({
  name: "host-code.revoke",
  permission: "signed-in",
  stepUp: true,
  ends: "later",
  input: PlacementId,
  async run({ placementId }, { db, actor, now, record }): Promise<void> {
    const placement = await takePlacement(db, actor, placementId);
    record({ target: targetOfPlacement(placement), detail: { person: placement.code.person.name } });
    await beginRevoking(db, placement, { by: actor.personId, at: now });
  },
});

/** Takes every code of a person off every host by one act: the phone is lost, or in wrong hands. */
export const revokeCodesOf = command({
  name: "host-code.revoke-all",
  permission: "signed-in",
  stepUp: true,
  input: CodesOfPerson,
  async run({ personId }, { db, actor, now, record }): Promise<{ revoked: number }> {
    const isOwn = personId === actor.personId;
    const person =
      isOwn || can(actor.role, "host-codes:write")
        ? await db.person.findUnique({ where: { id: personId } })
        : null;
    if (!person) throw new AppError("not_found", "There is no such person.");
    record({ target: { type: "person", id: person.id, name: person.name } });
    const places = await revokeAllCodes(db, personId, { by: actor.personId, at: now });
    if (places.length === 0) throw new AppError("conflict", "There are no codes to revoke.");
    record({ detail: { places } });
    return { revoked: places.length };
  },
});
