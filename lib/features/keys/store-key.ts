import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import type { PersonKeyAttestation } from "@/lib/features/keys/schema";
import type { PersonKey, PersonKeyOrigin } from "@/lib/generated/prisma/client";
import { type PastedKey, readPastedKey } from "@/lib/openssh-keys/pasted-key";
import { can } from "@/lib/policy/permissions";
import type { Actor } from "@/lib/usecase";

/** Nobody holds more; a list that grows without end would be somebody's mistake or worse. */
const mostKeys = 100;

/** A key as it comes to a person. */
export interface NewKey {
  readonly pasted: PastedKey;
  readonly name: string;
  readonly origin: PersonKeyOrigin;
  /** When the ceremony that made it proved that the person holds it. */
  readonly provedAt?: Date;
  readonly isVerifyRequired?: boolean;
  readonly keyHandle?: Uint8Array<ArrayBuffer>;
  readonly attestation?: PersonKeyAttestation;
  readonly passkeyId?: string;
}

/**
 * Stores a key as the person's.
 *
 * @throws AppError `conflict` when it is in Gatehouse already: whose it is learns only who may read people
 */
export async function storeKey(
  tx: Transaction,
  personId: string,
  { pasted: { key, fingerprint }, ...rest }: NewKey,
  actor: Actor,
  now: Date,
): Promise<PersonKey> {
  if ((await tx.personKey.count({ where: { personId, removedAt: null } })) >= mostKeys)
    throw new AppError("conflict", `There are ${mostKeys} keys already. Remove those that are not used.`);
  const { application, bits } = key;
  const data = {
    ...rest,
    personId,
    fingerprint,
    type: key.type,
    blob: Uint8Array.from(key.blob),
    bits,
    application: application ?? null,
    createdAt: now,
  };
  // Of two that bring the same key at one moment, one gets it.
  const [stored] = await tx.personKey.createManyAndReturn({ data: [data], skipDuplicates: true });
  if (!stored) throw await alreadyHere(tx, fingerprint, personId, actor);
  return stored;
}

async function alreadyHere(
  tx: Transaction,
  fingerprint: string,
  personId: string,
  actor: Actor,
): Promise<AppError> {
  const holder = await tx.personKey.findFirst({
    where: { fingerprint, removedAt: null },
    select: { name: true, personId: true, provedAt: true, person: { select: { name: true } } },
  });
  const isContested = holder?.personId !== personId && holder?.provedAt === null;
  const message =
    holder?.personId === personId
      ? `This key is here already, under the name "${holder.name}".`
      : holder && can(actor.role, "person:read")
        ? `This key is ${holder.person.name}'s here, under the name "${holder.name}". A key is one person's: remove it there first.`
        : "This key is somebody else's here. A key is one person's: bring another one, or ask an admin to look.";
  const claim =
    "It is not proved there. If it is yours, sign with it: it comes to you, and whoever brought it loses it.";
  return new AppError("conflict", message, {
    // `claim`: the page offers to take it over.
    fields: { line: message, ...(isContested && personId === actor.personId && { claim }) },
  });
}

/** The public key in a text. @throws AppError `invalid` that says what it is instead; the text goes nowhere */
export function pastedKey(text: string): PastedKey {
  const reading = readPastedKey(text);
  if (reading.pasted) return reading.pasted;
  throw new AppError("invalid", reading.reason, { fields: { line: reading.reason } });
}

/** A key that the person has. @throws AppError `not_found` */
export async function findKey(
  tx: Pick<Transaction, "personKey">,
  personId: string,
  keyId: string,
): Promise<PersonKey> {
  const key = await tx.personKey.findFirst({ where: { id: keyId, personId, removedAt: null } });
  if (!key) throw new AppError("not_found", "There is no such key.");
  return key;
}

/** The key as the activity names it. */
export function targetOf({ id, name }: { id: string; name: string }) {
  return { type: "key" as const, id, name };
}

/** What the activity says of a key. */
export function detailOf({ fingerprint, type, personId }: PersonKey) {
  return { fingerprint, type, personId };
}
