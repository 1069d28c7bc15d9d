import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { reachImport, reachPerson, tellPages } from "@/lib/features/key-imports/reach";
import { AddKeyImportInput, KeyImportId, SubscribeInput } from "@/lib/features/key-imports/schema";
import { betweenQuestionsSeconds } from "@/lib/features/key-imports/timing";
import { enqueue } from "@/lib/jobs/enqueue";
import { parseKeySource } from "@/lib/key-import/source";
import { command } from "@/lib/usecase";

/** Nobody publishes his keys in more places; each is a question to a stranger's server. */
const mostImports = 20;

/** Names a place for a person's keys, and asks the worker to read it. Nothing becomes his key by that. */
export const addKeyImport = command({
  name: "key-import.add",
  permission: "signed-in",
  input: AddKeyImportInput,
  async run({ personId, provider, name, isSubscribed }, context) {
    const { db, now, record } = context;
    await reachPerson(context, personId);
    record({ detail: { provider, name, isSubscribed } });
    const prefixes = await db.keySourceAddress.findMany({ select: { prefix: true } });
    const source = parseKeySource(
      provider,
      name,
      prefixes.map(({ prefix }) => prefix),
    );
    if ((await db.keyImport.count({ where: { personId } })) >= mostImports)
      throw new AppError("conflict", `A person has ${mostImports} imports at most. Remove one first.`);
    const [added] = await db.keyImport.createManyAndReturn({
      data: [
        {
          personId,
          ...source,
          isSubscribed,
          nextReadAt: isSubscribed ? now : null,
          askedAt: now,
          createdAt: now,
        },
      ],
      skipDuplicates: true,
    });
    if (!added)
      throw new AppError("conflict", "This place is in the list already. Read it again there.", {
        fields: { name: "This place is in the list already." },
      });
    await askWorker(db, added.id);
    await tellPages(db, personId);
    return { importId: added.id };
  },
});

/** Asks for another reading now. */
export const readKeyImport = command({
  name: "key-import.read",
  permission: "signed-in",
  input: KeyImportId,
  async run({ importId }, context) {
    const { db, now } = context;
    const { found } = await reachImport(context, importId);
    const waitSeconds = betweenQuestionsSeconds - (now.getTime() - found.askedAt.getTime()) / 1000;
    if (waitSeconds > 0)
      throw new AppError("throttled", "This place was asked a moment ago. Wait a little, then ask again.", {
        retryAfterSeconds: Math.ceil(waitSeconds),
      });
    await db.keyImport.update({ where: { id: importId }, data: { askedAt: now } });
    await askWorker(db, importId);
    await tellPages(db, found.personId);
  },
});

/** Begins or ends the daily reading. A reading only proposes, whoever asked for it. */
export const subscribeKeyImport = command({
  name: "key-import.subscribe",
  permission: "signed-in",
  input: SubscribeInput,
  async run({ importId, isSubscribed }, context) {
    const { db, now, record } = context;
    const { found } = await reachImport(context, importId);
    record({ detail: { isSubscribed } });
    await db.keyImport.update({
      where: { id: importId },
      data: { isSubscribed, nextReadAt: isSubscribed ? now : null },
    });
    await tellPages(db, found.personId);
  },
});

/** Forgets the place. Keys that were taken from it stay. */
export const removeKeyImport = command({
  name: "key-import.remove",
  permission: "signed-in",
  input: KeyImportId,
  async run({ importId }, context) {
    const { found } = await reachImport(context, importId);
    await context.db.keyImport.delete({ where: { id: importId } });
    await tellPages(context.db, found.personId);
  },
});

function askWorker(db: Transaction, importId: string): Promise<void> {
  return enqueue(db, "key-import.read", { importId }, { jobKey: `key-import.read:${importId}` });
}
