import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { checkProof, issueProofChallenge, takeProofChallenge } from "@/lib/features/keys/proof";
import { BeginClaimInput, ClaimKeyInput } from "@/lib/features/keys/schema";
import { detailOf, pastedKey, storeKey, targetOf } from "@/lib/features/keys/store-key";
import { command } from "@/lib/usecase";

// Whoever only pastes a public key must not keep its owner from having it: who signs with it takes it over.

/** Asks for a signature by a key that somebody else has brought and has not proved. */
export const beginKeyClaim = command({
  name: "key.begin-claim",
  permission: "signed-in",
  recorded: false,
  input: BeginClaimInput,
  async prepare({ line }, { db, actor, now }) {
    const { fingerprint } = pastedKey(line);
    await findContested(db, fingerprint, actor.personId);
    return issueProofChallenge(db, actor, fingerprint, now);
  },
  run: async (_, { prepared }) => prepared,
});

/** Takes the key from whoever has brought it without proving it. */
export const claimKey = command({
  name: "key.claim",
  permission: "signed-in",
  stepUp: true,
  input: ClaimKeyInput,
  async prepare({ line, signature }, { db, actor, now }) {
    const pasted = pastedKey(line);
    await findContested(db, pasted.fingerprint, actor.personId);
    const take = () => takeProofChallenge(db, actor, pasted.fingerprint, now);
    return { pasted, ...(await checkProof(signature, pasted.key.blob, take)) };
  },
  async run({ name }, { db, actor, now, record, prepared: { pasted, isVerifyRequired } }) {
    const { fingerprint } = pasted;
    const { id, personId } = await findContested(db, fingerprint, actor.personId);
    // Of a proof and a claim at one moment, the proof that was first holds.
    const { count } = await db.personKey.updateMany({
      where: { id, provedAt: null, removedAt: null },
      data: { removedAt: now },
    });
    if (count === 0) throw new AppError("conflict", "This key was proved by somebody else just now.");
    const key = await storeKey(
      db,
      actor.personId,
      { pasted, name, origin: "pasted", provedAt: now, isVerifyRequired },
      actor,
      now,
    );
    record({ target: targetOf(key), detail: { ...detailOf(key), takenFrom: personId } });
    return { keyId: key.id };
  },
});

async function findContested(db: Pick<Transaction, "personKey">, fingerprint: string, personId: string) {
  const held = await db.personKey.findFirst({
    where: { fingerprint, removedAt: null, provedAt: null, personId: { not: personId } },
    select: { id: true, personId: true },
  });
  if (!held) throw new AppError("conflict", "Nobody else holds this key unproved. Bring it as any other.");
  return held;
}
