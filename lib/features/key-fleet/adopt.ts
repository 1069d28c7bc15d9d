import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { observeKeys } from "@/lib/features/access/key-files";
import { unpackFacts } from "@/lib/features/access/stored-facts";
import { AdoptKeyInput } from "@/lib/features/key-fleet/schema";
import { detailOf, pastedKey, storeKey, targetOf } from "@/lib/features/keys/store-key";
import { printPublicKey } from "@/lib/openssh-keys/public-key";
import { mayManage } from "@/lib/policy/rank";
import { command } from "@/lib/usecase";

/**
 * Says that a key which stands on hosts is a person's. It is claimed, not proved: it counts when the person has signed with
 * it, which their own page asks them to do.
 */
export const adoptKey = command({
  name: "key.adopt",
  permission: "person:keys",
  stepUp: true,
  input: AdoptKeyInput,
  prepare: async ({ fingerprint }, { db, now }) => findBlob(db, fingerprint, now),
  async run({ personId, name }, { db, actor, now, prepared, record }) {
    const person = await db.person.findUnique({ where: { id: personId } });
    if (!person) throw new AppError("not_found", "There is no such person.");
    if (!mayManage(actor.role, person.role))
      throw new AppError("forbidden", "Only an owner looks after the keys of an owner.");
    if (person.disabledAt)
      throw new AppError("conflict", `${person.name} is disabled: a key of theirs is removed, not adopted.`);
    const pasted = pastedKey(printPublicKey(prepared));
    const key = await storeKey(db, personId, { pasted, name, origin: "adopted" }, actor, now);
    record({ target: targetOf(key), detail: { ...detailOf(key), person: person.name } });
    return { keyId: key.id };
  },
});

/** The public key as the last reading of a host shows it: what is adopted stands there, and comes from nobody's browser. */
async function findBlob(db: Db, print: string, now: Date) {
  const places = await db.foundKey.findMany({
    where: { fingerprint: print, goneAt: null },
    distinct: ["hostId"],
    select: { hostId: true },
    take: 5,
  });
  for (const { hostId } of places) {
    const reading = await db.accessReading.findUnique({ where: { hostId }, select: { facts: true } });
    if (!reading?.facts) continue;
    const observed = observeKeys(unpackFacts(reading.facts), Math.floor(now.getTime() / 1000));
    if (typeof observed === "string") continue;
    for (const { files } of observed)
      for (const { keys } of files) {
        const key = keys.find(({ fingerprint }) => fingerprint === print);
        if (key) return { type: key.type, blob: key.blob, comment: "" };
      }
  }
  throw new AppError("not_found", "This key stands on no host any more, by the last readings.");
}
