import type { Transaction } from "@/lib/db/client";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { keyFileView } from "@/lib/features/keys/key-view";
import { AddKeyOfPasskeyInput, AddSecurityKeyInput, BeginSecurityKeyInput } from "@/lib/features/keys/schema";
import { obstacleForSsh } from "@/lib/features/keys/security-key";
import { detailOf, storeKey, targetOf } from "@/lib/features/keys/store-key";
import type { KeyFileView } from "@/lib/features/keys/views";
import type { PastedKey } from "@/lib/openssh-keys/pasted-key";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { endSessions } from "@/lib/session/session";
import { type Actor, type CommandContext, command } from "@/lib/usecase";
import { keyBlobOfCredential } from "@/lib/webauthn/credential-key";
import { finishRegistration } from "@/lib/webauthn/finish-registration";
import { securityKeyWish, startRegistration } from "@/lib/webauthn/start-registration";

const waitingFor = (actor: Actor) => ({
  purpose: "add-security-key" as const,
  boundTo: actor.sessionId,
  personId: actor.personId,
});

/** Begins a credential that is a passkey here and an SSH key everywhere. */
export const beginSecurityKey = command({
  name: "security-key.begin",
  permission: "signed-in",
  stepUp: true,
  recorded: false,
  input: BeginSecurityKeyInput,
  async prepare({ family, isVerifyRequired }, { db, actor, now }) {
    const person = await db.person.findUniqueOrThrow({
      where: { id: actor.personId },
      select: { login: true, name: true, userHandle: true, passkeys: { select: { credentialId: true } } },
    });
    // An authenticator that has a passkey for us would overwrite it: it keeps one a person.
    const registrant = { ...person, credentialIds: person.passkeys.map(({ credentialId }) => credentialId) };
    const wish = securityKeyWish(family, isVerifyRequired);
    return startRegistration(db, registrant, { ...waitingFor(actor), now }, wish);
  },
  run: async (_, { prepared }) => prepared,
});

/** Stores the credential twice: as a passkey that signs in here, and as an SSH key with the file that ssh needs. */
export const addSecurityKey = command({
  name: "security-key.add",
  permission: "signed-in",
  stepUp: true,
  input: AddSecurityKeyInput,
  async prepare({ response, family, isVerifyRequired }, { db, actor, now }) {
    const wish = securityKeyWish(family, isVerifyRequired);
    const { passkey } = await finishRegistration(db, response, { ...waitingFor(actor), now }, wish);
    const obstacle = obstacleForSsh(passkey);
    if (obstacle) throw new AppError("conflict", obstacle);
    return passkey;
  },
  async run({ name, isVerifyRequired }, context): Promise<KeyFileView> {
    const { db, actor, now, prepared } = context;
    const data = { ...prepared, personId: actor.personId, name, createdAt: now };
    const passkey = await db.passkey.create({ data });
    const view = await addKeyOf(passkey, isVerifyRequired, context);
    // A new way to sign in: whoever came in by the old ones is out, as with any passkey.
    await endSessions(db, actor.personId, now, actor.sessionId);
    return view;
  },
});

/**
 * Makes an SSH key of a passkey that the person has: its ceremony proved that he holds it.
 *
 * PIN or fingerprint are asked for: browsers have told the authenticator to insist on it.
 */
export const addKeyOfPasskey = command({
  name: "security-key.add-passkey",
  permission: "signed-in",
  stepUp: true,
  input: AddKeyOfPasskeyInput,
  async run({ passkeyId }, context): Promise<KeyFileView> {
    const { db, actor } = context;
    const passkey = await db.passkey.findFirst({ where: { id: passkeyId, personId: actor.personId } });
    if (!passkey) throw new AppError("not_found", "You have no such passkey.");
    const obstacle = obstacleForSsh(passkey);
    if (obstacle) throw new AppError("conflict", obstacle);
    return addKeyOf(passkey, true, context);
  },
});

interface Credential {
  readonly id: string;
  readonly name: string;
  readonly credentialId: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

async function addKeyOf(
  { id: passkeyId, name, credentialId, publicKey }: Credential,
  isVerifyRequired: boolean,
  { db, actor, now, record }: Pick<CommandContext, "actor" | "now" | "record"> & { readonly db: Transaction },
): Promise<KeyFileView> {
  const pasted = keyOf(publicKey);
  // A registration without attestation carries no signature: a made-up one could name the key of somebody else, who
  // has taken it out. No authenticator makes the same key twice.
  const { fingerprint } = pasted;
  if (await db.personKey.findFirst({ where: { fingerprint, personId: { not: actor.personId } } }))
    throw new AppError("conflict", "This key was somebody else's here. Enrol the security key anew.");
  const more = { isVerifyRequired, keyHandle: credentialId, passkeyId, provedAt: now };
  const key = await storeKey(db, actor.personId, { pasted, name, origin: "webauthn", ...more }, actor, now);
  record({ target: targetOf(key), detail: { ...detailOf(key), isVerifyRequired } });
  const view = keyFileView(key);
  if (!view) throw new Error("a key by WebAuthn without a handle");
  return view;
}

function keyOf(publicKey: Uint8Array<ArrayBuffer>): PastedKey {
  const blob = keyBlobOfCredential(publicKey, env().rpId);
  const key = blob && parsePublicKey(blob).key;
  if (!key)
    throw new AppError(
      "conflict",
      "This passkey's algorithm has no counterpart in ssh. Enrol a security key with Ed25519 or ECDSA instead.",
    );
  return { key, fingerprint: fingerprint(key.blob), comment: "" };
}
