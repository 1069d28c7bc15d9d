import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { stateOfKey } from "@/lib/features/key-imports/key-states";
import { reachImport, tellPages } from "@/lib/features/key-imports/reach";
import { DecideKeyInput, KeyImportId } from "@/lib/features/key-imports/schema";
import type { ImportedKeyState } from "@/lib/features/key-imports/views";
import { removeKeyOf } from "@/lib/features/keys/key-commands";
import { keepLastKey } from "@/lib/features/keys/last-way-in";
import { KeyName } from "@/lib/features/keys/schema";
import { detailOf, pastedKey, storeKey, targetOf } from "@/lib/features/keys/store-key";
import type { ImportedKey, KeyImport } from "@/lib/generated/prisma/client";
import { printPublicKey } from "@/lib/openssh-keys/public-key";
import { type CommandContext, command } from "@/lib/usecase";

/** In which states of a proposal an answer makes sense. */
const fitting: Record<"take" | "decline" | "remove" | "keep", readonly ImportedKeyState[]> = {
  // Of a key that is somebody else's storeKey says so.
  take: ["new", "declined", "taken"],
  decline: ["new", "taken"],
  remove: ["gone", "kept"],
  keep: ["gone"],
};

/**
 * Answers one proposal. A key that is taken is the person's from then on, and counts when he has proved it.
 *
 * Add before remove: while a key waits to be taken or declined none is removed, and none either while the alarm about
 * most keys having vanished at once stands.
 */
export const decideImportedKey = command({
  name: "key-import.decide",
  permission: "signed-in",
  stepUp: true,
  input: DecideKeyInput,
  async run({ importId, fingerprint, decision }, context) {
    const { db, now, record } = context;
    const { person, found } = await reachImport(context, importId);
    const where = { importId_fingerprint: { importId, fingerprint } };
    const seen = await db.importedKey.findUnique({ where });
    const here = await db.personKey.findFirst({ where: { fingerprint, removedAt: null } });
    const state = seen ? stateOfKey(seen, here ?? undefined, person.id) : undefined;
    if (!seen || !state || !fitting[decision].includes(state))
      throw new AppError(
        "conflict",
        "This proposal stands no more as you saw it. Look at the list again, then decide.",
      );
    if (decision === "take") await takeKey(seen, found, context);
    else if (decision === "remove") {
      await refuseRemoval(db, found);
      // As where one takes out one's own key by hand.
      if (here && context.actor.personId === person.id) await keepLastKey(db, here, now);
      await removeKeyOf(person.id, here?.id ?? "", context);
    }
    const declinedAt = decision === "take" || decision === "remove" ? null : now;
    if (decision === "remove") await db.importedKey.delete({ where });
    else await db.importedKey.update({ where, data: { declinedAt } });
    record({ detail: { decision, fingerprint, person: person.name } });
    await tellPages(db, person.id);
  },
});

async function takeKey(seen: ImportedKey, found: KeyImport, context: CommandContext): Promise<void> {
  const { db, actor, now, record } = context;
  const place = found.provider === "url" ? new URL(found.name).hostname : `${found.provider} ${found.name}`;
  const name = KeyName.parse((seen.comment || place).slice(0, 60));
  // Read once more from its bytes, as any key that comes: what was stored by an earlier version counts for nothing.
  const pasted = pastedKey(printPublicKey(seen));
  const key = await storeKey(db, found.personId, { pasted, name, origin: "imported" }, actor, now);
  record({ target: targetOf(key), detail: detailOf(key) });
}

/** @throws AppError `conflict` */
async function refuseRemoval(db: Transaction, { id, personId, alarmedAt }: KeyImport): Promise<void> {
  if (alarmedAt)
    throw new AppError(
      "conflict",
      "Most keys vanished there at once. Say first that this is right, then remove them.",
    );
  const waiting = await db.importedKey.findMany({ where: { importId: id, goneAt: null, declinedAt: null } });
  const here = await db.personKey.findMany({
    where: { fingerprint: { in: waiting.map(({ fingerprint }) => fingerprint) }, removedAt: null },
  });
  const byFingerprint = new Map(here.map((key) => [key.fingerprint, key]));
  const count = waiting.filter(
    (seen) => stateOfKey(seen, byFingerprint.get(seen.fingerprint), personId) === "new",
  ).length;
  if (count > 0)
    throw new AppError(
      "conflict",
      `Add before you remove: ${count === 1 ? "one new key waits" : `${count} new keys wait`} to be taken or declined.`,
    );
}

/** Says that it is right that most keys vanished at once. Only then they may be removed, each by itself. */
export const acknowledgeKeyAlarm = command({
  name: "key-import.acknowledge-alarm",
  permission: "signed-in",
  stepUp: true,
  input: KeyImportId,
  async run({ importId }, context) {
    const { found } = await reachImport(context, importId);
    if (!found.alarmedAt) throw new AppError("conflict", "There is no alarm about this place any more.");
    await context.db.keyImport.update({ where: { id: importId }, data: { alarmedAt: null } });
    await tellPages(context.db, found.personId);
  },
});
