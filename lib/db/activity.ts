import { chainStart, hashRow } from "@/lib/db/activity-chain";
import type { Transaction } from "@/lib/db/client";
import type { Prisma } from "@/lib/generated/prisma/client";

/** What an act concerned. The name is kept as it was then. */
export interface ActivityTarget {
  readonly type:
    | "host"
    | "change"
    | "file"
    | "person"
    | "session"
    | "passkey"
    | "key"
    | "host-code"
    | "installation"
    | "review"
    | "rule"
    | "batch"
    | "key-policy";
  readonly id: string;
  readonly name: string;
}

export interface ActivityEntry {
  readonly at: Date;
  /** Null id: nobody was signed in (set-up, a failed sign-in), or Gatehouse itself acted. */
  readonly actor: { readonly id: string | null; readonly name: string };
  /** The client's address; "" for the worker. */
  readonly address: string;
  /** The use case's name. */
  readonly action: string;
  readonly outcome: "intent" | "done" | "refused" | "failed";
  /** The intent row that this one ends. */
  readonly intentSeq?: bigint;
  readonly target?: ActivityTarget;
  /** Plain data, never secrets. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Any fixed number: only appenders take this lock. It makes them queue, so that every row knows the one before. */
const appendLock = 7_166_532_001n;

/**
 * Appends one row to the hash chain and gives its number.
 *
 * Call it last in a transaction: appenders wait for one another from here to the commit. When the row cannot be written,
 * the transaction fails, and with it the act.
 */
export async function appendActivity(tx: Transaction, entry: ActivityEntry): Promise<bigint> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${appendLock})`;
  const last = await tx.activity.findFirst({ orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
  const prevHash = last?.hash ?? chainStart;
  const row = {
    seq: (last?.seq ?? 0n) + 1n,
    at: entry.at,
    actorId: entry.actor.id,
    actorName: storable(entry.actor.name),
    address: storable(entry.address),
    action: entry.action,
    outcome: entry.outcome,
    intentSeq: entry.intentSeq ?? null,
    targetType: entry.target?.type ?? null,
    targetId: entry.target?.id ?? null,
    targetName: entry.target ? storable(entry.target.name) : null,
    detail: storableJson(entry.detail ?? {}),
  };
  await tx.activity.create({
    data: { ...row, prevHash: Buffer.from(prevHash), hash: Buffer.from(hashRow(prevHash, row)) },
  });
  return row.seq;
}

/**
 * Appends the row that ends an intent: what became of an act that was finished later, by the worker.
 *
 * Linked to the newest intent of the same action and target; by itself when there is none.
 */
export async function appendResult(
  tx: Transaction,
  entry: Omit<ActivityEntry, "intentSeq" | "outcome" | "target"> & {
    readonly outcome: "done" | "refused" | "failed";
    readonly target: ActivityTarget;
  },
): Promise<bigint> {
  const intent = await tx.activity.findFirst({
    where: {
      action: entry.action,
      outcome: "intent",
      targetType: entry.target.type,
      targetId: entry.target.id,
    },
    orderBy: { seq: "desc" },
    select: { seq: true },
  });
  return appendActivity(tx, { ...entry, ...(intent && { intentSeq: intent.seq }) });
}

/** Text that PostgreSQL can store: a host or a browser may send NUL characters and broken surrogate pairs. */
function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}

/** The detail as it will be read again, so that its hash is the same then. */
function storableJson(detail: Readonly<Record<string, unknown>>): Prisma.InputJsonObject {
  const text = JSON.stringify(detail, (_, value) => (typeof value === "bigint" ? value.toString() : value));
  return JSON.parse(text, (_, value) => {
    if (typeof value === "string") return storable(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [storable(name), member]));
  });
}
