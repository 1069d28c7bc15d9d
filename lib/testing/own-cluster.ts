import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Db, openPrisma } from "@/lib/db/client";
import { type Cluster, startCluster } from "@/lib/db/embedded/cluster.mjs";
import { applyMigrations } from "@/lib/db/migrations.mjs";
import { applyJobMigrations } from "@/lib/jobs/schema.mjs";

/**
 * A PostgreSQL of the test's own, which it may stop, kill and fill. `prisma()` and workers that are started use it;
 * key files are made, too. It is durable as in production: without that, a kill would lose what was committed.
 *
 * Tests that only need a database take `openDatabase`.
 */
export class OwnCluster {
  readonly #folder: string;
  #cluster: Cluster;
  #db: Db;

  private constructor(folder: string, cluster: Cluster) {
    this.#folder = folder;
    this.#cluster = cluster;
    this.#db = this.#open();
  }

  /** @param folder is there, and has room for a database */
  static async open(folder: string): Promise<OwnCluster> {
    const keys = path.join(folder, "keys");
    mkdirSync(keys);
    for (const owner of ["web", "worker"])
      writeFileSync(path.join(keys, `${owner}.key`), randomBytes(32), { mode: 0o600 });
    const cluster = await startCluster(path.join(folder, "pg"));
    process.env.DATABASE_URL = cluster.url;
    process.env.GATEHOUSE_WEB_KEY_FILE = path.join(keys, "web.key");
    process.env.GATEHOUSE_WORKER_KEY_FILE = path.join(keys, "worker.key");
    await applyMigrations(cluster.url, path.resolve(import.meta.dirname, "../../prisma/migrations"));
    await applyJobMigrations(cluster.url);
    return new OwnCluster(folder, cluster);
  }

  get db(): Db {
    return this.#db;
  }

  /** Of the postmaster. */
  get pid(): number {
    return this.#cluster.pid;
  }

  /** The database's name, for statements about it. */
  get name(): string {
    return new URL(this.#cluster.url).pathname.slice(1);
  }

  /** Connects anew: settings of a database hold for connections that come later. */
  async reconnect(): Promise<void> {
    await this.#db.$disconnect();
    this.#db = this.#open();
  }

  /** Ends PostgreSQL in order. */
  async stop(): Promise<void> {
    await this.#cluster.stop();
  }

  /** Ends PostgreSQL as a crash does: it recovers at the next start. */
  async kill(): Promise<void> {
    process.kill(this.#cluster.pid, "SIGKILL");
    await this.#cluster.ended;
  }

  /** Starts it again on the same data. */
  async start(): Promise<void> {
    this.#cluster = await startCluster(path.join(this.#folder, "pg"));
  }

  async close(): Promise<void> {
    await this.#db.$disconnect();
    await this.#cluster.stop();
  }

  #open(): Db {
    const db = openPrisma(this.#cluster.url, 10);
    globalThis.gatehousePrisma = db;
    return db;
  }
}
