import type { Db } from "@/lib/db/client";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { KeyChallengeView } from "@/lib/features/keys/views";
import { printBase64Url } from "@/lib/openssh-keys/base64";
import { findSignatureFault, parseMessageSignature } from "@/lib/openssh-keys/verify-message";
import { encodeText } from "@/lib/openssh-keys/wire";
import type { Actor } from "@/lib/usecase";
import { issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";

/** Time to find the terminal, the file and the passphrase. */
const proofSeconds = 900;

/**
 * A text that nobody has signed before, to be signed with one key in this session.
 *
 * @param subject the key: its id, or its fingerprint where it is not the actor's yet
 */
export async function issueProofChallenge(
  db: Db,
  actor: Actor,
  subject: string,
  now: Date,
): Promise<KeyChallengeView> {
  const { challenge, expiresAt } = await issueChallenge(db, {
    ...waitingFor(actor, subject),
    personId: actor.personId,
    lifeSeconds: proofSeconds,
    now,
  });
  return { challenge: textOf(challenge), namespace: namespace(), expiresAt: expiresAt.toISOString() };
}

/** Uses the waiting challenge up. @returns its text @throws AppError `expired` */
export async function takeProofChallenge(db: Db, actor: Actor, subject: string, now: Date): Promise<string> {
  return textOf((await takeChallenge(db, waitingFor(actor, subject), now)).challenge);
}

/**
 * Passes when the signature is of the key and over the challenge.
 *
 * @returns whether its security key was given the PIN or a fingerprint for it, as the authenticator has signed; ssh does it
 *   the same way when it logs in, for the key's own file asks for it
 * @param takeText gives the challenge's text and uses it up; not called for what is no signature at all
 * @throws AppError `invalid` for what is no signature, `conflict` for one that does not prove the key
 */
export async function checkProof(
  signatureText: string,
  keyBlob: Uint8Array,
  takeText: () => Promise<string>,
): Promise<{ isVerifyRequired: boolean }> {
  const reading = parseMessageSignature(signatureText);
  if (!reading.signature) throw notProved("invalid", reading.reason);
  let first: string | undefined;
  for (const message of messagesOf(await takeText())) {
    const expected = { keyBlob, namespace: namespace(), message };
    const fault = await findSignatureFault(reading.signature, expected);
    if (fault === undefined) return { isVerifyRequired: reading.signature.touch?.isVerified ?? false };
    first ??= fault;
  }
  throw notProved("conflict", first ?? "");
}

const waitingFor = (actor: Actor, subject: string) => ({
  purpose: "prove-key" as const,
  boundTo: `${actor.sessionId}:${subject}`,
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
