import { AppError } from "@/lib/errors";
import { removeKeyOf, renameKeyOf } from "@/lib/features/keys/key-commands";
import { keepLastKey } from "@/lib/features/keys/last-way-in";
import { AddPersonKeyInput, PersonKeyId, RenamePersonKeyInput } from "@/lib/features/keys/schema";
import { detailOf, findKey, pastedKey, storeKey, targetOf } from "@/lib/features/keys/store-key";
import { mayManage } from "@/lib/policy/rank";
import { type CommandContext, command } from "@/lib/usecase";

/** Brings a key for somebody else. It counts as his when he himself has proved it. */
export const addPersonKey = command({
  name: "person.add-key",
  permission: "person:keys",
  stepUp: true,
  input: AddPersonKeyInput,
  async run({ personId, line, name }, context) {
    const { db, actor, now, record } = context;
    const person = await manage(context, personId);
    if (person.disabledAt) throw new AppError("conflict", `${person.name} is disabled. Enable him first.`);
    const pasted = pastedKey(line);
    const key = await storeKey(db, personId, { pasted, name, origin: "pasted" }, actor, now);
    record({ target: targetOf(key), detail: { ...detailOf(key), person: person.name } });
    return { keyId: key.id };
  },
});

export const renamePersonKey = command({
  name: "person.rename-key",
  permission: "person:keys",
  input: RenamePersonKeyInput,
  async run({ personId, keyId, name }, context) {
    await manage(context, personId);
    await renameKeyOf(personId, keyId, name, context);
  },
});

export const removePersonKey = command({
  name: "person.remove-key",
  permission: "person:keys",
  stepUp: true,
  input: PersonKeyId,
  async run({ personId, keyId }, context) {
    await manage(context, personId);
    const { db, actor, now } = context;
    // One's own goes by the same rule through every door.
    if (personId === actor.personId) await keepLastKey(db, await findKey(db, personId, keyId), now);
    await removeKeyOf(personId, keyId, context);
  },
});

/** The person, if the actor may act on somebody of his role. */
async function manage({ db, actor }: Pick<CommandContext, "db" | "actor">, personId: string) {
  const person = await db.person.findUnique({ where: { id: personId } });
  if (!person) throw new AppError("not_found", "There is no such person.");
  if (!mayManage(actor.role, person.role))
    throw new AppError("forbidden", `Only an owner looks after the keys of an owner.`);
  return person;
}
