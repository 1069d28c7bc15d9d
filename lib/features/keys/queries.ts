import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { keyFileView, keyView } from "@/lib/features/keys/key-view";
import { KeyId } from "@/lib/features/keys/schema";
import { obstacleForSsh } from "@/lib/features/keys/security-key";
import { findKey } from "@/lib/features/keys/store-key";
import type { KeyFileView, KeyListView, PersonKeysView } from "@/lib/features/keys/views";
import { NoInput, PersonId } from "@/lib/features/people/schema";
import type { Prisma } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { mayManage } from "@/lib/policy/rank";
import { query } from "@/lib/usecase";

const kept = {
  where: { removedAt: null },
  orderBy: { createdAt: "asc" },
} satisfies Prisma.Person$keysArgs;

/** One's own keys. */
export const listMyKeys = query({
  name: "keys.mine",
  permission: "signed-in",
  input: NoInput,
  async run(_, { actor, db }): Promise<KeyListView> {
    const { keys, passkeys } = await db.person.findUniqueOrThrow({
      where: { id: actor.personId },
      select: { keys: kept, passkeys: { where: { key: null }, orderBy: { createdAt: "asc" } } },
    });
    const isHere = (credentialId: Uint8Array) =>
      keys.some(({ keyHandle }) => keyHandle && Buffer.from(keyHandle).equals(credentialId));
    return {
      keys: keys.map(keyView),
      passkeys: passkeys.flatMap((passkey) =>
        obstacleForSsh(passkey) || isHere(passkey.credentialId)
          ? []
          : [{ id: passkey.id, name: passkey.name }],
      ),
      application: env().rpId,
    };
  },
});

/** The file by which ssh finds one's own security key. */
export const getKeyFile = query({
  name: "keys.file",
  permission: "signed-in",
  input: KeyId,
  async run({ keyId }, { actor, db }): Promise<KeyFileView> {
    const view = keyFileView(await findKey(db, actor.personId, keyId));
    if (!view)
      throw new AppError(
        "not_found",
        "This key was not made here: its file is where it was made, or comes from the security key by ssh-keygen -K.",
      );
    return view;
  },
});

/** Somebody's keys, for those who look after people. */
export const getPersonKeys = query({
  name: "keys.of-person",
  permission: "person:read",
  input: PersonId,
  async run({ personId }, { actor, db }): Promise<PersonKeysView> {
    const person = await db.person.findUnique({ where: { id: personId }, include: { keys: kept } });
    if (!person) throw new AppError("not_found", "There is no such person.");
    const { name, login, role, disabledAt, keys } = person;
    return {
      personId,
      name,
      login,
      role,
      isDisabled: disabledAt !== null,
      keys: keys.map(keyView),
      canWrite: can(actor.role, "person:keys") && mayManage(actor.role, role),
    };
  },
});
