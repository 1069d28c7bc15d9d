import { keepLastKey } from "@/lib/features/keys/last-way-in";
import { AddKeyInput, KeyId, RenameKeyInput } from "@/lib/features/keys/schema";
import { detailOf, findKey, pastedKey, storeKey, targetOf } from "@/lib/features/keys/store-key";
import type { CommandContext } from "@/lib/usecase";
import { command } from "@/lib/usecase";

/** Stores a public key as one's own. It counts when it was proved (`proveKey`). */
export const addKey = command({
  name: "key.add",
  permission: "signed-in",
  stepUp: true,
  input: AddKeyInput,
  async run({ line, name, origin }, { db, actor, now, record }) {
    const key = await storeKey(db, actor.personId, { pasted: pastedKey(line), name, origin }, actor, now);
    record({ target: targetOf(key), detail: detailOf(key) });
    return { keyId: key.id };
  },
});

export const renameKey = command({
  name: "key.rename",
  permission: "signed-in",
  input: RenameKeyInput,
  run: ({ keyId, name }, context) => renameKeyOf(context.actor.personId, keyId, name, context),
});

/**
 * Takes one's own key out. What hosts have of it stays until it is removed there, too, so the last key that opens an account
 * is kept: see `keepLastKey`.
 */
export const removeKey = command({
  name: "key.remove",
  permission: "signed-in",
  stepUp: true,
  input: KeyId,
  async run({ keyId }, context) {
    const { db, actor, now } = context;
    await keepLastKey(db, await findKey(db, actor.personId, keyId), now);
    await removeKeyOf(actor.personId, keyId, context);
  },
});

type Context = Pick<CommandContext, "db" | "now" | "record">;

/** Names a person's key anew. @throws AppError `not_found` */
export async function renameKeyOf(
  personId: string,
  keyId: string,
  name: string,
  { db, record }: Context,
): Promise<void> {
  const key = await findKey(db, personId, keyId);
  record({ target: targetOf({ id: keyId, name }), detail: { ...detailOf(key), from: key.name } });
  await db.personKey.update({ where: { id: keyId }, data: { name } });
}

/** Removes a person's key; a passkey of the same credential goes on signing in. @throws AppError `not_found` */
export async function removeKeyOf(
  personId: string,
  keyId: string,
  { db, now, record }: Context,
): Promise<void> {
  const key = await findKey(db, personId, keyId);
  record({ target: targetOf(key), detail: detailOf(key) });
  await db.personKey.update({ where: { id: keyId }, data: { removedAt: now, passkeyId: null } });
}
