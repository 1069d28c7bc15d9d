import { createHash } from "node:crypto";
import { managementAccount } from "@/lib/change/marker";
import { timing } from "@/lib/change/timing";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { randomHostRef } from "@/lib/features/changes/commands";
import { markGranted, refuseUngranted } from "@/lib/features/changes/granted";
import { isModeRepair, type KeyEdits } from "@/lib/features/changes/key-edits";
import { PlanKeysInput } from "@/lib/features/changes/key-schema";
import { refuseWhilePending } from "@/lib/features/changes/refusals";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { type KeyOptionsInput, writtenOptions } from "@/lib/features/placements/key-options";
import { readWanted } from "@/lib/features/placements/wanted";
import { enqueue } from "@/lib/jobs/enqueue";
import { fingerprint, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { command } from "@/lib/usecase";

/**
 * Makes a change out of keys that are to come into, and go from, one key file of an account.
 *
 * The worker reads the file on the host and makes the new one from it; nothing on the host is touched.
 */
export const planKeys = command({
  name: "change.plan-keys",
  permission: "config:draft",
  input: PlanKeysInput,
  async run({ hostId, account, path, add, remove, repairModes, message }, { db, actor, now, record }) {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: { type: "host", id: host.id, name: host.name }, detail: { account, path } });
    const obstacle = obstacleOf(host);
    if (obstacle) throw new AppError("unavailable", obstacle);
    const own = host.managementPublicKey ? parsePublicKey(host.managementPublicKey) : undefined;
    const management = own && fingerprint(own.blob);
    if (account === managementAccount || remove.some((line) => line.fingerprint === management))
      throw new AppError(
        "invalid",
        `The key with which Gatehouse itself comes in is not changed from here: without it nothing on ${host.name} could be changed or undone.`,
      );
    await refuseWhilePending(db, hostId);
    const edits: KeyEdits = [
      ...remove.map((line) => ({ kind: "remove" as const, ...line })),
      ...markGranted(await additions(db, add), account, await readWanted(db, host, now)),
      ...(repairModes ? [{ kind: "modes" as const }] : []),
    ];
    await refuseUngranted(db, hostId, { account, keyEdits: edits }, actor.role, now);
    const changeId = await createKeyChange(db, { hostId, account, path, edits, message }, actor.personId);
    record({
      detail: {
        changeId,
        edits: edits.map((edit) => ("fingerprint" in edit ? `${edit.kind} ${edit.fingerprint}` : edit.kind)),
      },
    });
    return { changeId };
  },
});

/** What is to be done with one key file. */
export interface NewKeyChange {
  readonly hostId: string;
  readonly account: string;
  readonly path: string;
  readonly edits: KeyEdits;
  /** Empty: made of the edits. */
  readonly message: string;
}

/** Stores a change of a key file and has the worker plan it: the file as it stands on the host decides about the rest. */
export async function createKeyChange(
  db: Transaction,
  { hostId, account, path, edits, message }: NewKeyChange,
  authorId: string,
): Promise<string> {
  const change = await db.change.create({
    data: {
      hostRef: randomHostRef(),
      hostId,
      kind: "keys",
      account,
      path,
      keyEdits: edits,
      fileSha256Id: createHash("sha256").update(path).digest("hex"),
      // The worker fills them in, from the file as it stands on the host.
      baseSha256: "absent",
      baseContent: "",
      content: "",
      newSha256: "",
      state: "planning",
      authorId,
      message: message || messageOf(account, edits),
      keepBy: "login",
      deadlineSeconds: timing.defaultDeadlineSeconds,
    },
  });
  await enqueue(db, "change.plan", { changeId: change.id });
  return change.id;
}

/** Lines for keys of persons. Only keys that were proved, of people who have not left. */
export async function additions(
  db: Transaction,
  add: readonly { keyId: string; options: KeyOptionsInput }[],
): Promise<KeyEdits> {
  const keys = await db.personKey.findMany({
    where: { id: { in: add.map(({ keyId }) => keyId) }, removedAt: null },
    include: { person: { select: { name: true, login: true, disabledAt: true } } },
  });
  return add.map(({ keyId, options }) => {
    const key = keys.find(({ id }) => id === keyId);
    if (!key) throw new AppError("not_found", "There is no such key.");
    if (!key.provedAt)
      throw new AppError(
        "invalid",
        `${key.person.name} has not yet shown that the key “${key.name}” is theirs. A key is placed only after that.`,
      );
    if (key.person.disabledAt)
      throw new AppError("invalid", `${key.person.name} has left: no key of theirs is placed any more.`);
    return {
      kind: "add" as const,
      fingerprint: key.fingerprint,
      blob: Buffer.from(key.blob).toString("base64"),
      comment: commentOf(key.person.login, key.name),
      options: writtenOptions(options, key.type),
    };
  });
}

/** What people on the host read behind the key: printable ASCII, whatever a person calls it. */
function commentOf(login: string, name: string): string {
  const text = `${login}: ${name}`.normalize("NFKD").replace(/[^\x20-\x7e]/g, "");
  return text.replace(/\s+/g, " ").trim().slice(0, 120);
}

function messageOf(account: string, edits: KeyEdits): string {
  if (isModeRepair(edits)) return `Make the modes of ${account}'s key file safe`;
  const keysOf = (kind: "add" | "remove") =>
    new Set(edits.flatMap((edit) => (edit.kind === kind ? [edit.fingerprint] : [])));
  const [come, go] = [keysOf("add"), keysOf("remove")];
  const added = [...come].filter((key) => !go.has(key)).length;
  const removed = [...go].filter((key) => !come.has(key)).length;
  const changed = come.size - added;
  const words = (number: number) => `${number} ${number === 1 ? "key" : "keys"}`;
  const text = [
    ...(added > 0 ? [`add ${words(added)} to ${account}`] : []),
    ...(removed > 0 ? [`remove ${words(removed)} from ${account}`] : []),
    ...(changed > 0 ? [`set the options of ${words(changed)} of ${account}`] : []),
  ].join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
