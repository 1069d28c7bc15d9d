import pg from "pg";

/**
 * A lock that is held as long as its connection lives: when the process is killed, PostgreSQL gives it back at once.
 *
 * Others see in pg_locks whether it is held (`classid`, `objid = hashtext(name)`).
 */
export class SessionLock {
  readonly #url: string;
  readonly #lockClass: number;
  readonly #name: string;
  #client: pg.Client | undefined;

  /** @param lockClass tells this kind of lock from others, 31 bits */
  constructor(databaseUrl: string, lockClass: number, name: string) {
    this.#url = databaseUrl;
    this.#lockClass = lockClass;
    this.#name = name;
  }

  /** Takes the lock, unless it is held; call it again to notice a lost connection. @throws when there is no database */
  async hold(): Promise<void> {
    if (this.#client) return;
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: "gatehouse lock",
      keepAlive: true,
    });
    const forget = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on("error", forget).on("end", forget);
    await client.connect();
    await client.query("SELECT pg_advisory_lock($1, hashtext($2))", [this.#lockClass, this.#name]);
    this.#client = client;
  }

  /** Gives it back. */
  async release(): Promise<void> {
    await this.#client?.end();
  }
}
