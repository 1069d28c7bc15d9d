import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { KeyEdits } from "@/lib/features/changes/key-edits";
import { digestOf, mayCancel, typedWords } from "@/lib/features/key-fleet/confirmation";
import {
  type BatchHostState,
  BatchInput,
  type BatchKind,
  BatchListInput,
  batchHostStates,
} from "@/lib/features/key-fleet/schema";
import type {
  BatchChangeView,
  BatchHostView,
  BatchListView,
  BatchRow,
  BatchView,
} from "@/lib/features/key-fleet/views";
import type { KeyBatch, Prisma } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

const perPage = 50;

/** Batches of keys, the newest first. */
export const listBatches = query({
  name: "key-batch.list",
  permission: "config:read",
  input: BatchListInput,
  async run({ page }, { db }): Promise<BatchListView> {
    const [batches, total] = await Promise.all([
      db.keyBatch.findMany({
        orderBy: [{ createdAt: "desc" }, { id: "asc" }],
        skip: (page - 1) * perPage,
        take: perPage,
      }),
      db.keyBatch.count(),
    ]);
    return { rows: await rowsOf(db, batches), total, page, perPage };
  },
});

/** One batch: how far it is on every host, what was refused and why, and what a confirmation would mean. */
export const getBatch = query({
  name: "key-batch.get",
  permission: "config:read",
  input: BatchInput,
  async run({ batchId, state, page }, { db, actor }): Promise<BatchView> {
    const batch = await db.keyBatch.findUnique({ where: { id: batchId } });
    if (!batch) throw new AppError("not_found", "There is no such batch.");
    const where: Prisma.KeyBatchHostWhereInput = {
      batchId,
      ...(state === "open" ? { endedAt: null } : state !== "" && { state }),
    };
    const [[row], states, open, parts, total] = await Promise.all([
      rowsOf(db, [batch]),
      db.keyBatchHost.groupBy({ by: ["state"], where: { batchId }, _count: true }),
      db.keyBatchHost.findMany({
        where: { batchId, endedAt: null },
        include: { host: { select: { name: true } } },
        omit: { wishes: true },
        orderBy: [{ host: { name: "asc" } }],
      }),
      db.keyBatchHost.findMany({
        where,
        include: partContents,
        omit: { wishes: true },
        orderBy: [{ host: { name: "asc" } }, { id: "asc" }],
        skip: (page - 1) * perPage,
        take: perPage,
      }),
      db.keyBatchHost.count({ where }),
    ]);
    if (!row) throw new AppError("not_found", "There is no such batch.");
    const asked = open.filter(
      (part) => part.state === "asks" || (!part.confirmedAt && part.state === "planned"),
    );
    const count = (...of: string[]) => open.filter((part) => of.includes(part.state)).length;
    const losses = asked.filter(({ shutOut }) => shutOut.length > 0);
    const unconfirmed = open.filter(({ confirmedAt }) => confirmedAt === null);
    const person = batch.personId
      ? await db.person.findUnique({ where: { id: batch.personId }, select: { name: true } })
      : null;
    const confirmedBy = batch.confirmedById
      ? await db.person.findUnique({ where: { id: batch.confirmedById }, select: { name: true } })
      : null;
    const isOpen = batch.cancelledAt === null && open.length > 0;
    const waits = isOpen && (asked.length > 0 || unconfirmed.length > 0);
    const isHidden = !can(actor.role, "access:read");
    return {
      ...row,
      personId: batch.personId,
      personName: person?.name ?? null,
      confirmedByName: confirmedBy?.name ?? null,
      states: batchHostStates.flatMap((one) => {
        const found = states.find((group) => group.state === one);
        return found ? [{ state: one, hosts: found._count }] : [];
      }),
      rows: parts.map((part) => partView(part, isHidden)),
      total,
      page,
      perPage,
      confirmation: waits
        ? {
            seen: digestOf(open),
            planned: asked.length,
            pending: unconfirmed.filter((part) => ["reading", "planning"].includes(part.state)).length,
            later: count("waiting", "refused"),
            losses: losses.map(({ host, shutOut }) => ({ hostName: host.name, accounts: shutOut })),
            losesWays: sum(asked.map((part) => part.losesWays)),
            gainsWays: sum(asked.map((part) => part.gainsWays)),
            typed: losses.length > 0 ? typedWords(losses) : null,
          }
        : null,
      canConfirm: waits && can(actor.role, "config:apply"),
      canCancel: isOpen && mayCancel(batch, actor.role),
      canRetry: isOpen && can(actor.role, "config:draft"),
    };
  },
});

const partContents = {
  host: { select: { name: true } },
  changes: {
    include: { change: { select: { id: true, account: true, path: true, state: true, keyEdits: true } } },
    orderBy: { change: { createdAt: "asc" } },
  },
} satisfies Prisma.KeyBatchHostInclude;

type PartRow = Prisma.KeyBatchHostGetPayload<{ include: typeof partContents; omit: { wishes: true } }>;

function partView(part: PartRow, isHidden: boolean): BatchHostView {
  return {
    hostId: part.hostId,
    hostName: part.host.name,
    state: part.state as BatchHostState,
    isConfirmed: part.confirmedAt !== null,
    reason: part.reason,
    obstacle: part.obstacle,
    losesWays: part.losesWays,
    gainsWays: part.gainsWays,
    shutOut: isHidden ? [] : part.shutOut,
    updatedAt: part.updatedAt.toISOString(),
    changes: part.changes.flatMap(({ change }) => (change.state === "discarded" ? [] : [changeView(change)])),
  };
}

function changeView(change: PartRow["changes"][number]["change"]): BatchChangeView {
  const edits = KeyEdits.safeParse(change.keyEdits).data ?? [];
  return {
    id: change.id,
    account: change.account ?? "",
    path: change.path,
    state: change.state,
    addedKeys: edits.filter(({ kind }) => kind === "add").length,
    removedLines: edits.filter(({ kind }) => kind === "remove").length,
  };
}

async function rowsOf(db: Db, batches: readonly KeyBatch[]): Promise<BatchRow[]> {
  const [groups, people] = await Promise.all([
    db.keyBatchHost.groupBy({
      by: ["batchId", "state"],
      where: { batchId: { in: batches.map(({ id }) => id) } },
      _count: true,
    }),
    db.person.findMany({
      where: { id: { in: [...new Set(batches.map(({ authorId }) => authorId))] } },
      select: { id: true, name: true },
    }),
  ]);
  return batches.map((batch): BatchRow => {
    const own = groups.filter(({ batchId }) => batchId === batch.id);
    const hosts = (...states: string[]) =>
      sum(
        own.filter(({ state }) => states.length === 0 || states.includes(state)).map((group) => group._count),
      );
    return {
      id: batch.id,
      kind: batch.kind as BatchKind,
      title: batch.title,
      authorName: people.find(({ id }) => id === batch.authorId)?.name ?? "Somebody",
      createdAt: batch.createdAt.toISOString(),
      confirmedAt: batch.confirmedAt?.toISOString() ?? null,
      cancelledAt: batch.cancelledAt?.toISOString() ?? null,
      hosts: hosts(),
      done: hosts("done"),
      stuck: hosts("refused", "asks"),
    };
  });
}

const sum = (counts: readonly number[]) => counts.reduce((total, one) => total + one, 0);
