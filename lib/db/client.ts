import { PrismaPg } from "@prisma/adapter-pg";
import { env } from "@/lib/env";
import { Prisma, PrismaClient } from "@/lib/generated/prisma/client";

/** The database outside a transaction. */
export type Db = PrismaClient;

/** The database inside one transaction: all of it is kept, or none. */
export type Transaction = Prisma.TransactionClient;

/** Part of a statement, with its values apart. */
export type Sql = Prisma.Sql;
/** Makes one: the tag of a template. */
export const sql = Prisma.sql;

declare global {
  // Next's bundles and its hot reload may load this file several times in one process; the pool must be one.
  var gatehousePrisma: PrismaClient | undefined;
}

/** No statement of ours takes this long; one that does holds locks that others wait for. */
const statementTimeoutSeconds = 30;
/**
 * How long a transaction waits for a connection, and how long it may last. Prisma's own 2 and 5 seconds are over when fifty
 * changes end at once on a busy machine: then what a host has said would not be written down, and would be asked again.
 */
const waitSeconds = 10;
const lastSeconds = 15;
/** A transaction that forgot to end would hold its locks for ever. Longer than the longest use case (15 s). */
const idleTransactionTimeoutSeconds = 60;

/**
 * A client for one database.
 *
 * @param url postgresql://…; a pooler in front must pool sessions, because advisory locks and LISTEN are used
 * @param poolSize connections held at most
 */
export function openPrisma(url: string, poolSize: number): PrismaClient {
  const adapter = new PrismaPg({
    connectionString: url,
    max: poolSize,
    application_name: "gatehouse",
    statement_timeout: statementTimeoutSeconds * 1000,
    idle_in_transaction_session_timeout: idleTransactionTimeoutSeconds * 1000,
    // Columns hold UTC without a zone; now() in hand-written SQL must mean the same.
    options: "-c TimeZone=UTC",
  });
  return new PrismaClient({
    adapter,
    transactionOptions: { maxWait: waitSeconds * 1000, timeout: lastSeconds * 1000 },
  });
}

/** This process's client, made at the first call. It connects when first used. */
export function prisma(): PrismaClient {
  globalThis.gatehousePrisma ??= openPrisma(env().databaseUrl, env().databasePoolSize);
  return globalThis.gatehousePrisma;
}
