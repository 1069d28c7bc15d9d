import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { stateOfKey } from "@/lib/features/key-imports/key-states";
import { reachImport, reachPerson, tellPages } from "@/lib/features/key-imports/reach";
import {
  AddKeyImportInput,
  DecideKeyInput,
  KeyImportId,
  KeySourceInput,
  SubscribeInput,
} from "@/lib/features/key-imports/schema";
import { betweenQuestionsSeconds } from "@/lib/features/key-imports/timing";
import { enqueue } from "@/lib/jobs/enqueue";
import { parseAllowedPrefix, parseKeySource } from "@/lib/key-import/source";
import { command } from "@/lib/usecase";

/** Nobody publishes his keys in more places; each is a question to a stranger's server. */
const mostImports = 20;
const mostPrefixes = 50;
const longestName = 60;

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

/**
 * Answers one proposal. A key that is taken is the person's from then on, and counts when he has proved it.
 *
 * Add before remove: while a key waits to be taken or declined none is removed, and none either while the alarm about
 * most keys having vanished at once stands.
 */
export const decideImportedKey = command({
  name: "key-import.decide",
  permission: "signed-in",
  stepUp: true,
  input: DecideKeyInput,
  async run({ importId, fingerprint, decision }, context) {
    const { db, now, record } = context;
    const { found } = await reachImport(context, importId);
    const { personId } = found;
    record({ detail: { decision, fingerprint } });
    const where = { importId_fingerprint: { importId, fingerprint } };
    const seen = await db.importedKey.findUnique({ where });
    const here = await db.personKey.findFirst({ where: { fingerprint, removedAt: null } });
    const state = seen ? stateOfKey(seen, here ?? undefined, personId) : undefined;
    if (!seen || state === undefined)
      throw new AppError("conflict", "This key was in the list no more. Look at the list again.");
    if (decision === "take") {
      if (state === "taken")
        throw new AppError("conflict", "This key belongs to somebody else here. One key is one person's.");
      if (state !== "new" && state !== "declined")
        throw new AppError("conflict", "This key is not on offer any more. Look at the list again.");
      const { count } = await db.personKey.createMany({
        data: [
          {
            personId,
            fingerprint,
            type: seen.type,
            blob: seen.blob,
            bits: seen.bits,
            name: nameOf(seen.comment, found),
            origin: "imported",
            createdAt: now,
          },
        ],
        skipDuplicates: true, // somebody else took it at the same moment
      });
      if (count === 0)
        throw new AppError("conflict", "This key belongs to somebody else here. One key is one person's.");
      await db.importedKey.update({ where, data: { declinedAt: null } });
    } else if (decision === "decline" || decision === "keep") {
      const fits = decision === "decline" ? state === "new" || state === "taken" : state === "gone";
      if (!fits) throw new AppError("conflict", "This was decided already. Look at the list again.");
      await db.importedKey.update({ where, data: { declinedAt: now } });
    } else {
      if (state !== "gone" && state !== "kept")
        throw new AppError("conflict", "Only a key that came from here and is gone there is removed here.");
      if (found.alarmedAt)
        throw new AppError(
          "conflict",
          "Most keys vanished there at once. Say first that this is right, then remove them.",
        );
      await refuseWhileNewWait(db, importId, personId);
      await db.personKey.updateMany({
        where: { fingerprint, personId, removedAt: null },
        data: { removedAt: now },
      });
      await db.importedKey.delete({ where });
    }
    await tellPages(db, personId);
  },
});

/** Says that it is right that most keys vanished at once. Only then they may be removed, each by itself. */
export const acknowledgeKeyAlarm = command({
  name: "key-import.acknowledge-alarm",
  permission: "signed-in",
  stepUp: true,
  input: KeyImportId,
  async run({ importId }, context) {
    const { found } = await reachImport(context, importId);
    if (!found.alarmedAt) throw new AppError("conflict", "There is no alarm about this place any more.");
    await context.db.keyImport.update({ where: { id: importId }, data: { alarmedAt: null } });
    await tellPages(context.db, found.personId);
  },
});

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
    return { prefix };
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

function askWorker(db: Transaction, importId: string): Promise<void> {
  return enqueue(db, "key-import.read", { importId }, { jobKey: `key-import.read:${importId}` });
}

/** @throws AppError `conflict` */
async function refuseWhileNewWait(db: Transaction, importId: string, personId: string): Promise<void> {
  const waiting = await db.importedKey.findMany({ where: { importId, goneAt: null, declinedAt: null } });
  const here = await db.personKey.findMany({
    where: { fingerprint: { in: waiting.map(({ fingerprint }) => fingerprint) }, removedAt: null },
  });
  const byFingerprint = new Map(here.map((key) => [key.fingerprint, key]));
  const count = waiting.filter(
    (seen) => stateOfKey(seen, byFingerprint.get(seen.fingerprint), personId) === "new",
  ).length;
  if (count > 0)
    throw new AppError(
      "conflict",
      `Add before you remove: ${count === 1 ? "one new key waits" : `${count} new keys wait`} to be taken or declined.`,
    );
}

function nameOf(comment: string, { provider, name }: { provider: string; name: string }): string {
  const place = provider === "url" ? new URL(name).hostname : `${provider} ${name}`;
  return (comment || place).slice(0, longestName);
}
