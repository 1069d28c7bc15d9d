import { z } from "zod";
import { monotonicSeconds, sleep } from "@/lib/clock";
import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import {
  CheckDraftInput,
  DiscardDraftInput,
  HostConfigInput,
  SaveDraftInput,
} from "@/lib/features/config/schema";
import type { SshdTestView } from "@/lib/features/config/views";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { command } from "@/lib/usecase";

/** A person waits in front of the editor; a host that needs longer is asked again. */
const checkSeconds = 15;
const pollSeconds = 0.2;

/** Keeps what a person types, on the base that he began with. The last save of the same person wins. */
export const saveDraft = command({
  name: "config.save-draft",
  permission: "config:draft",
  input: SaveDraftInput,
  recorded: false,
  async run({ fileId, baseSha256, content }, { db, actor }) {
    await requireEditable(db, fileId);
    const data = { baseSha256, content: storable(content) };
    const draft = await db.draft.upsert({
      where: { fileId_personId: { fileId, personId: actor.personId } },
      create: { fileId, personId: actor.personId, ...data },
      update: data,
    });
    return { updatedAt: draft.updatedAt.toISOString() };
  },
});

/** Throws the person's own draft of a file away. Nothing happens when there is none. */
export const discardDraft = command({
  name: "config.discard-draft",
  permission: "config:draft",
  input: DiscardDraftInput,
  recorded: false,
  async run({ fileId }, { db, actor }) {
    await db.draft.deleteMany({ where: { fileId, personId: actor.personId } });
    return {};
  },
});

/** Asks the worker to read the host's configuration again; the page hears of it by an event. */
export const readConfig = command({
  name: "config.read",
  permission: "config:read",
  input: HostConfigInput,
  recorded: false,
  async run({ hostId }, { db }) {
    const host = await db.host.findUnique({ where: { id: hostId }, select: { state: true, name: true } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    if (host.state !== "managed")
      throw new AppError("unavailable", `${host.name} cannot be read now: it is not managed. See its page.`);
    await enqueue(
      db,
      "config.read",
      { hostId },
      { jobKey: `config.read:${hostId}`, queue: hostQueue(hostId) },
    );
    return {};
  },
});

/** What the worker wrote down as the answer of `config.check`. */
const CheckAnswer = z.object({
  code: z.number(),
  lines: z.array(z.object({ text: z.string(), path: z.string().nullable(), line: z.number().nullable() })),
});

/** What the host's own `sshd -t` says of a text, asked by the worker. Nothing on the host changes. */
export const checkDraft = command({
  name: "config.check",
  permission: "config:draft",
  input: CheckDraftInput,
  recorded: false,
  async prepare({ fileId, content }, { db, actor }): Promise<SshdTestView> {
    const file = await requireEditable(db, fileId);
    const operation = await db.$transaction(async (tx) => {
      const created = await tx.operation.create({
        data: {
          hostId: file.hostId,
          kind: "config.check",
          input: { fileId, content: storable(content) },
          actorId: actor.personId,
        },
      });
      await enqueue(tx, "config.check", { operationId: created.id }, { attempts: 1 });
      return created;
    });
    try {
      return await waitForCheck(db, operation.id, file.host.name);
    } finally {
      await db.operation.deleteMany({ where: { id: operation.id } });
    }
  },
  async run(_, { prepared }) {
    return prepared;
  },
});

async function waitForCheck(db: Db, operationId: string, hostName: string): Promise<SshdTestView> {
  const end = monotonicSeconds() + checkSeconds;
  while (monotonicSeconds() < end) {
    const operation = await db.operation.findUnique({ where: { id: operationId } });
    if (operation?.state === "done") return CheckAnswer.parse(JSON.parse(operation.output));
    if (operation?.state === "failed")
      throw new AppError("unavailable", operation.error ?? `${hostName} could not be asked.`);
    await sleep(pollSeconds);
  }
  throw new AppError(
    "unavailable",
    `${hostName} did not answer within ${checkSeconds} seconds. Look whether it is reachable, and ask again.`,
  );
}

/** The file, when its text may be written. @throws AppError `not_found`, `conflict` (gone), `invalid` (not text) */
export async function requireEditable(db: Db | Transaction, fileId: string) {
  const file = await db.configFile.findUnique({
    where: { id: fileId },
    include: { host: { select: { id: true, name: true, state: true } } },
  });
  if (!file) throw new AppError("not_found", "There is no such file.");
  if (file.goneAt)
    throw new AppError(
      "conflict",
      `${file.path} is no longer part of the configuration of ${file.host.name}: sshd does not read it any more.`,
    );
  if (file.notEditable) throw new AppError("invalid", file.notEditable);
  return file;
}

/** A text that the host and the database take. @throws AppError `invalid` for what would be stored altered */
export function storable(content: string): string {
  if (content.includes("\0") || !content.isWellFormed())
    throw new AppError(
      "invalid",
      "The text holds a character that no file of sshd may hold (NUL, or half a character).",
      {
        fields: { content: "Remove the broken character." },
      },
    );
  return content;
}
