import { AppError } from "@/lib/errors";
import { checkProof, issueProofChallenge, takeProofChallenge } from "@/lib/features/keys/proof";
import { KeyId, ProveKeyInput } from "@/lib/features/keys/schema";
import { detailOf, findKey, targetOf } from "@/lib/features/keys/store-key";
import { command } from "@/lib/usecase";

/** Asks the person to sign a text with one of his keys. */
export const beginKeyProof = command({
  name: "key.begin-proof",
  permission: "signed-in",
  recorded: false,
  input: KeyId,
  async prepare({ keyId }, { db, actor, now }) {
    const key = await findKey(db, actor.personId, keyId);
    if (key.provedAt) throw new AppError("conflict", "This key is proved already.");
    return issueProofChallenge(db, actor, keyId, now);
  },
  run: async (_, { prepared }) => prepared,
});

/** Takes the signature; from then on the key counts as the person's. */
export const proveKey = command({
  name: "key.prove",
  permission: "signed-in",
  input: ProveKeyInput,
  async prepare({ keyId, signature }, { db, actor, now, record }) {
    const key = await findKey(db, actor.personId, keyId);
    record({ target: targetOf(key), detail: detailOf(key) });
    await checkProof(signature, key.blob, () => takeProofChallenge(db, actor, keyId, now));
  },
  async run({ keyId }, { db, actor, now }) {
    const { count } = await db.personKey.updateMany({
      where: { id: keyId, personId: actor.personId, removedAt: null },
      data: { provedAt: now },
    });
    if (count === 0) throw new AppError("not_found", "There is no such key.");
  },
});
