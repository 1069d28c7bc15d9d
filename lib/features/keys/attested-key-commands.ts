import { AppError } from "@/lib/errors";
import { AddAttestedKeyInput, type PersonKeyAttestation } from "@/lib/features/keys/schema";
import { detailOf, pastedKey, storeKey, targetOf } from "@/lib/features/keys/store-key";
import type { KeygenChallengeView } from "@/lib/features/keys/views";
import { NoInput } from "@/lib/features/people/schema";
import { parseAttestation } from "@/lib/openssh-keys/attestation";
import { printBase64Url } from "@/lib/openssh-keys/base64";
import { encodeText } from "@/lib/openssh-keys/wire";
import { type Actor, command } from "@/lib/usecase";
import { attestationRoots } from "@/lib/webauthn/attestation-roots";
import { issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";
import { verifyAttestation } from "@/lib/webauthn/verify-attestation";

/** Time to set a PIN, to make the key and to come back with the files. */
const keygenSeconds = 1800;

const waitingFor = (actor: Actor) => ({ purpose: "attest-key" as const, boundTo: actor.sessionId });

/** What ssh-keygen is to build into the attestation of the key that the person is about to make. */
export const beginAttestedKey = command({
  name: "key.begin-attested",
  permission: "signed-in",
  recorded: false,
  input: NoInput,
  async prepare(_, { db, actor, now }): Promise<KeygenChallengeView> {
    const { challenge, expiresAt } = await issueChallenge(db, {
      ...waitingFor(actor),
      personId: actor.personId,
      lifeSeconds: keygenSeconds,
      now,
    });
    return { challenge: textOf(challenge), expiresAt: expiresAt.toISOString() };
  },
  run: async (_, { prepared }) => prepared,
});

/**
 * Stores a key that ssh-keygen made on an authenticator, with what its attestation says.
 *
 * It is proved by that where the key itself has signed, or a maker that the admin believes. An attestation under any
 * other certificate proves nothing, since everybody can make one: then a signature proves the key, as always.
 */
export const addAttestedKey = command({
  name: "key.add-attested",
  permission: "signed-in",
  stepUp: true,
  input: AddAttestedKeyInput,
  async prepare({ line, attestation: base64 }, { db, actor, now, record }) {
    const pasted = pastedKey(line);
    const { application, blob } = pasted.key;
    if (application === undefined)
      throw refused("invalid", "line", "This key is not of a security key: its type begins with sk-.");
    const reading = parseAttestation(Buffer.from(base64, "base64"));
    if (!reading.attestation)
      throw refused("invalid", "attestation", `This file cannot be used: ${reading.reason}.`);
    record({ detail: { fingerprint: pasted.fingerprint, type: pasted.key.type } });
    const { challenge } = await takeChallenge(db, waitingFor(actor), now);
    const text = textOf(challenge);
    const verdict = verifyAttestation(reading.attestation, {
      keyBlob: blob,
      application,
      challenges: [text, `${text}\n`, `${text}\r\n`].map((variant) => encodeText(variant)),
      roots: attestationRoots(),
      now,
    });
    if ("reason" in verdict)
      throw refused("conflict", "attestation", `The attestation does not hold: ${verdict.reason}.`);
    const attestation: PersonKeyAttestation = {
      version: reading.attestation.version,
      ...verdict.attestation,
    };
    return { pasted, attestation };
  },
  async run({ name }, { db, actor, now, record, prepared: { pasted, attestation } }) {
    const isProof = attestation.isSelf || attestation.root !== null;
    const key = await storeKey(
      db,
      actor.personId,
      { pasted, name, origin: "ssh_keygen", attestation, ...(isProof && { provedAt: now }) },
      actor,
      now,
    );
    record({ target: targetOf(key), detail: { ...detailOf(key), attestation } });
    return { keyId: key.id };
  },
});

/** Shell-safe, and 32 characters: what OpenSSH 8.2 and 8.3 take for a hash must be as long as one. */
const textOf = (challenge: Uint8Array) => printBase64Url(challenge.subarray(0, 24));

function refused(code: "invalid" | "conflict", field: string, message: string): AppError {
  return new AppError(code, message, { fields: { [field]: message } });
}
