import { AppError } from "@/lib/errors";
import { KeySourceInput } from "@/lib/features/key-imports/schema";
import { parseAllowedPrefix } from "@/lib/key-import/source";
import { command } from "@/lib/usecase";

const mostPrefixes = 50;

/** Lets people import keys from addresses that begin like this. */
export const allowKeySource = command({
  name: "key-source.allow",
  permission: "settings:write",
  stepUp: true,
  input: KeySourceInput,
  async run({ prefix: text }, { db, now, record }) {
    const prefix = parseAllowedPrefix(text);
    record({ detail: { prefix } });
    if ((await db.keySourceAddress.count()) >= mostPrefixes)
      throw new AppError("conflict", `There are ${mostPrefixes} addresses already. Remove one first.`);
    const { count } = await db.keySourceAddress.createMany({
      data: [{ prefix, createdAt: now }],
      skipDuplicates: true,
    });
    if (count === 0) throw new AppError("conflict", "This address is allowed already.");
  },
});

/** From now on nothing is read from there. Imports from there stay in the list, and say why they fail. */
export const forbidKeySource = command({
  name: "key-source.forbid",
  permission: "settings:write",
  stepUp: true,
  input: KeySourceInput,
  async run({ prefix }, { db, record }) {
    record({ detail: { prefix } });
    const { count } = await db.keySourceAddress.deleteMany({ where: { prefix } });
    if (count === 0) throw new AppError("not_found", "This address is not in the list.");
  },
});
