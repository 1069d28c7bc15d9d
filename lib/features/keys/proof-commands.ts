import { AppError } from "@/lib/errors";
import { checkProof, issueProofChallenge, takeProofChallenge } from "@/lib/features/keys/proof";
import { KeyId, ProveKeyInput } from "@/lib/features/keys/schema";
import { detailOf, findKey, targetOf } from "@/lib/features/keys/store-key";
import type { PersonKey } from "@/lib/generated/prisma/client";
import { keyTypeByName } from "@/lib/openssh-keys/key-types";
import { command } from "@/lib/usecase";

/**
 * Asks the person to sign a text with one of his keys. One that is proved is proved again only to show that its security key
 * asks for PIN or fingerprint.
 */
export const beginKeyProof = command({
  name: "key.begin-proof",
  permission: "signed-in",
  recorded: false,
  input: KeyId,
  async prepare({ keyId }, { db, actor, now }) {
    const key = await findKey(db, actor.personId, keyId);
    if (key.provedAt && !canShowVerification(key))
      throw new AppError("conflict", "This key is proved already.");
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
    const take = () => takeProofChallenge(db, actor, keyId, now);
    const { isVerifyRequired } = await checkProof(signature, key.blob, take);
    if (key.provedAt && !isVerifyRequired) {
      const message =
        "The signature is right, and was made without PIN or fingerprint. Make a key with -O verify-required, and bring that one.";
      throw new AppError("conflict", message, { fields: { signature: message } });
    }
    return { isVerifyRequired, provedAt: key.provedAt ?? now };
  },
  async run({ keyId }, { db, actor, record, prepared: { isVerifyRequired, provedAt } }) {
    const { count } = await db.personKey.updateMany({
      where: { id: keyId, personId: actor.personId, removedAt: null },
      data: { provedAt, ...(isVerifyRequired && { isVerifyRequired }) },
    });
    if (count === 0) throw new AppError("not_found", "There is no such key.");
    if (isVerifyRequired) record({ detail: { isVerifyRequired } });
  },
});

/** Is it a security key of which nobody knows yet whether its file asks for PIN or fingerprint? */
function canShowVerification({ type, isVerifyRequired, keyHandle }: PersonKey): boolean {
  // Where we have written the file ourselves, it is known.
  return keyTypeByName(type)?.type.isSecurityKey === true && !isVerifyRequired && keyHandle === null;
}
