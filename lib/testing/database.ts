import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, inject } from "vitest";
import { type Db, openPrisma } from "@/lib/db/client";

/**
 * A database of its own for the test file that calls it, migrated and empty; `prisma()`, `env()` and the listeners of
 * this file use it too. It is dropped when the file is done. Call it once, at the top of the file:
 *
 * ```ts
 * const db = await openDatabase();
 * ```
 *
 * Key files for `lib/secrets` are made as well, with a random key each.
 */
export async function openDatabase(): Promise<Db> {
  const template = new URL(inject("templateUrl"));
  const name = `test_${randomBytes(8).toString("hex")}`;
  const keys = mkdtempSync(path.join(tmpdir(), "gatehouse-keys-"));
  await administrate(template, `create database "${name}" template "${template.pathname.slice(1)}"`);

  const url = new URL(template);
  url.pathname = `/${name}`;
  for (const owner of ["web", "worker"])
    writeFileSync(path.join(keys, `${owner}.key`), randomBytes(32), { mode: 0o600 });
  process.env.DATABASE_URL = url.href;
  process.env.GATEHOUSE_WEB_KEY_FILE = path.join(keys, "web.key");
  process.env.GATEHOUSE_WORKER_KEY_FILE = path.join(keys, "worker.key");
  const db = openPrisma(url.href, 10);
  globalThis.gatehousePrisma = db;

  afterAll(async () => {
    await db.$disconnect();
    await administrate(template, `drop database "${name}" with (force)`);
    rmSync(keys, { recursive: true });
  });
  return db;
}

/** Runs one statement from outside any database that it is about. */
async function administrate(template: URL, statement: string): Promise<void> {
  const url = new URL(template);
  url.pathname = "/postgres";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
