import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { KeyId, ProveKeyInput } from "@/lib/features/keys/schema";
import { detailOf, findKey, targetOf } from "@/lib/features/keys/store-key";
import type { KeyChallengeView } from "@/lib/features/keys/views";
import { printBase64Url } from "@/lib/openssh-keys/base64";
import { findSignatureFault, parseMessageSignature } from "@/lib/openssh-keys/verify-message";
import { encodeText } from "@/lib/openssh-keys/wire";
import { type Actor, command } from "@/lib/usecase";
import { issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";

/** Time to find the terminal, the file and the passphrase. */
const proofSeconds = 900;

/** Asks the person to sign a text that nobody has signed before. */
export const beginKeyProof = command({
  name: "key.begin-proof",
  permission: "signed-in",
  recorded: false,
  input: KeyId,
  async prepare({ keyId }, { db, actor, now }): Promise<KeyChallengeView> {
    const key = await findKey(db, actor.personId, keyId);
    if (key.provedAt) throw new AppError("conflict", "This key is proved already.");
    const { challenge, expiresAt } = await issueChallenge(db, {
      ...waitingFor(actor, keyId),
      personId: actor.personId,
      lifeSeconds: proofSeconds,
      now,
    });
    return { challenge: textOf(challenge), namespace: namespace(), expiresAt: expiresAt.toISOString() };
  },
  run: async (_, { prepared }) => prepared,
});

/** Takes the signature; from then on the key counts as the person's. */
export const proveKey = command({
  name: "key.prove",
  permission: "signed-in",
  input: ProveKeyInput,
  async prepare({ keyId, signature: text }, { db, actor, now, record }) {
    const key = await findKey(db, actor.personId, keyId);
    record({ target: targetOf(key), detail: detailOf(key) });
    const reading = parseMessageSignature(text);
    if (!reading.signature) throw notProved("invalid", reading.reason);
    const { challenge } = await takeChallenge(db, waitingFor(actor, keyId), now);
    const faults: string[] = [];
    for (const message of messagesOf(textOf(challenge))) {
      const fault = await findSignatureFault(reading.signature, {
        keyBlob: key.blob,
        namespace: namespace(),
        message,
      });
      if (fault === undefined) return;
      faults.push(fault);
    }
    throw notProved("conflict", faults[0] ?? "");
  },
  async run({ keyId }, { db, actor, now }) {
    const { count } = await db.personKey.updateMany({
      where: { id: keyId, personId: actor.personId, removedAt: null },
      data: { provedAt: now },
    });
    if (count === 0) throw new AppError("not_found", "There is no such key.");
  },
});

const waitingFor = (actor: Actor, keyId: string) => ({
  purpose: "prove-key" as const,
  boundTo: `${actor.sessionId}:${keyId}`,
});

/** Says what the signature is for: one made for git or for another Gatehouse is none for us. */
const namespace = () => `gatehouse@${env().rpId}`;

const textOf = (challenge: Uint8Array) => `gatehouse-proof-${printBase64Url(challenge)}`;

/** What shells make of `echo TEXT |`: nothing behind it, a newline, that of Windows, or cmd.exe's blank before it. */
const messagesOf = (text: string) => ["\n", "\r\n", "", " \r\n"].map((end) => encodeText(text + end));

function notProved(code: "invalid" | "conflict", fault: string): AppError {
  const message = `The signature does not prove this key: ${fault}.`;
  return new AppError(code, message, { fields: { signature: message } });
}
