import { createHash } from "node:crypto";
import { constants, cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startCluster } from "@/lib/db/embedded/cluster.mjs";
import {
  allGone,
  databaseOf,
  findFreePort,
  isRunning,
  type Launched,
  launch,
  makeDataFolder,
  pidOf,
  pidsOf,
} from "./testing/launched";

/** Whole starts and stops; a busy machine takes its time. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** A data folder after its first start, to copy: making one takes longer than anything else here. */
let made: ReturnType<typeof makeDataFolder>;
let data: ReturnType<typeof makeDataFolder>;
let port: number;
const launched: Launched[] = [];

beforeAll(async () => {
  made = makeDataFolder();
  const first = launch(made.folder, await findFreePort());
  await first.printed(/is running/);
  first.process.kill("SIGINT");
  await first.ended();
});
afterAll(() => made.remove());

beforeEach(async () => {
  data = makeDataFolder();
  port = await findFreePort();
});
afterEach(async () => {
  const pids = launched.flatMap(pidsOf);
  for (const one of launched) one.process.kill("SIGTERM");
  await Promise.all(launched.splice(0).map((one) => one.ended()));
  await allGone(pids);
  data.remove();
});

/** The data of an installation that was started and stopped before, changed by `sql` meanwhile. */
async function arrange(sql?: string): Promise<void> {
  cpSync(made.folder, data.folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
  if (sql === undefined) return;
  const cluster = await startCluster(path.join(data.folder, "postgres"), { durable: false });
  await query(cluster.url, sql);
  await cluster.stop();
}

function start(options: Parameters<typeof launch>[2] = {}): Launched {
  const one = launch(data.folder, port, options);
  launched.push(one);
  return one;
}

async function startAndWait(): Promise<Launched> {
  const one = start();
  await one.printed(/is running: http:\/\/localhost:\d+/);
  await one.printed(/worker \d+ starts/);
  return one;
}

async function stop(one: Launched): Promise<number | null> {
  one.process.kill("SIGINT");
  return one.ended();
}

/** Starts, and expects it to end with a failure; what it printed. */
async function startInVain(): Promise<string> {
  const one = start();
  expect(await one.ended()).toBe(1);
  return one.output();
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

function kill(one: Launched, name: "web" | "worker" | "postgres", signal: NodeJS.Signals): void {
  const pid = pidOf(one, name);
  if (pid === undefined) throw new Error(`There is no ${name}.`);
  process.kill(pid, signal);
}

describe("Ctrl-C", () => {
  test("stops all that was started, in order, with success; a second one changes nothing", async () => {
    const one = await startAndWait();
    const pids = pidsOf(one);
    expect(pids).toHaveLength(3);
    one.process.kill("SIGINT");
    one.process.kill("SIGINT");
    expect(await one.ended()).toBe(0);
    await allGone(pids);
    expect(one.output().indexOf("web ends")).toBeLessThan(one.output().indexOf("worker ends"));
    expect(one.output().match(/Stopping/g)).toHaveLength(1);
    expect(readFileSync(`${data.folder}/postgres.log`, "utf8").trimEnd()).toMatch(
      /database system is shut down$/,
    );
  });

  test("while it starts, leaves nothing behind", async () => {
    const one = start();
    await one.printed(/Starting PostgreSQL: done/);
    expect(await stop(one)).toBe(0);
    await allGone(pidsOf(one));
  });

  test("after a child died, still stops the others", async () => {
    await arrange();
    const one = await startAndWait();
    kill(one, "worker", "SIGKILL");
    await one.printed(/worker ended unexpectedly \(SIGKILL\)/);
    expect(await stop(one)).toBe(0);
    await allGone(pidsOf(one));
  });
});

describe("a process that dies", () => {
  test("is started again", async () => {
    await arrange();
    const one = await startAndWait();
    kill(one, "worker", "SIGKILL");
    await one.printed(/worker \d+ starts[\s\S]*worker \d+ starts/);
  });

  test("and says that it cannot run ends the product with a failure", async () => {
    await arrange();
    const one = start({ env: { TINY_WEB_EXIT: "78" } });
    expect(await one.ended()).toBe(1);
    expect(one.output()).toContain("The web process cannot run; it said why above.");
    await allGone(pidsOf(one));
  });

  test("PostgreSQL: the product ends with a failure that shows its log", async () => {
    await arrange();
    const one = await startAndWait();
    const pids = pidsOf(one);
    kill(one, "postgres", "SIGINT");
    expect(await one.ended()).toBe(1);
    expect(one.output()).toMatch(/PostgreSQL ended unexpectedly[\s\S]*fast shutdown request/);
    await allGone(pids);
  });
});

describe("kill -9 of the launcher", () => {
  test("everything else ends by itself, and the next start works on the same data", async () => {
    await arrange();
    const one = await startAndWait();
    await query(databaseOf(one), `create table kept (n int)`);
    const pids = pidsOf(one);
    one.process.kill("SIGKILL");
    await one.ended();
    await allGone(pids);
    const two = await startAndWait();
    expect((await query(databaseOf(two), "select count(*)::int as n from kept")).rows).toEqual([{ n: 0 }]);
  });

  test("a next start at once waits its turn and works", async () => {
    await arrange();
    const one = await startAndWait();
    one.process.kill("SIGKILL");
    const two = await startAndWait();
    expect(pidsOf(two).every(isRunning)).toBe(true);
  });
});

describe("refusals say what to do", () => {
  test("a second start on the same data folder; the first goes on", async () => {
    await arrange();
    const one = await startAndWait();
    const two = launch(data.folder, await findFreePort());
    expect(await two.ended()).toBe(1);
    expect(two.output()).toMatch(
      new RegExp(`already runs on the data folder .* \\(process ${one.process.pid}\\)`),
    );
    expect(pidsOf(one).every(isRunning)).toBe(true);
  });

  test("the port is taken", async () => {
    const squatter = createServer().listen(port, "127.0.0.1");
    try {
      const one = start();
      expect(await one.ended()).not.toBe(0);
      expect(one.output()).toContain(`Port ${port} on 127.0.0.1 is taken by another program`);
    } finally {
      squatter.close();
    }
  });

  test("a wrong variable, before anything is started", async () => {
    const one = start({ env: { GATEHOUSE_URL: "gatehouse.example.org" } });
    expect(await one.ended()).toBe(1);
    expect(one.output().trim()).toMatch(
      /^The environment is not usable:\n {2}GATEHOUSE_URL must be an address such as/,
    );
    expect(existsSync(`${data.folder}/postgres`)).toBe(false);
  });

  test("the database was written by a newer version", async () => {
    await arrange(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'y', '29990101000000_later', now())`,
    );
    expect(await startInVain()).toContain(
      "written by a newer version of Gatehouse: it has the migration 29990101000000_later",
    );
  });

  test("a migration was edited after it had been applied", async () => {
    await arrange(`update _prisma_migrations set checksum = 'other' where migration_name like '%_first'`);
    expect(await startInVain()).toMatch(/_first was edited after it had been applied/);
  });

  test("a migration failed earlier", async () => {
    await arrange(
      `update _prisma_migrations set finished_at = null, logs = 'no such column' where migration_name like '%_first'`,
    );
    expect(await startInVain()).toMatch(
      /_first failed earlier and was left unfinished \(no such column\)[\s\S]*migrate resolve/,
    );
  });

  test("the data folder was written by a newer PostgreSQL", async () => {
    await arrange();
    writeFileSync(`${data.folder}/postgres/PG_VERSION`, "99\n");
    expect(await startInVain()).toMatch(/written by a newer version: it needs PostgreSQL 99/);
  });

  test.each(["web", "worker"])(
    "the %s key is missing while there is sealed data; no new one is made",
    async (owner) => {
      await arrange(`
        insert into "Person" (id, login, name, role, "userHandle")
          values ('00000000-0000-4000-8000-000000000001', 'a', 'A', 'owner', '\\x01');
        insert into "TotpFactor" ("personId", "secretSealed") values ('00000000-0000-4000-8000-000000000001', '\\x02')`);
      const key = path.join(data.folder, "keys", `${owner}.key`);
      rmSync(key);
      expect(await startInVain()).toContain(
        `The key ${key} is missing, and the database holds secrets sealed with the old one (TotpFactor.secretSealed)`,
      );
      expect(existsSync(key)).toBe(false);
    },
  );

  test("a key is damaged", async () => {
    await arrange();
    writeFileSync(path.join(data.folder, "keys/web.key"), "short");
    expect(await startInVain()).toContain("is damaged: 5 bytes instead of 32");
  });

  test("a worker by itself, where no product runs", async () => {
    const one = start({ role: "worker" });
    expect(await one.ended()).toBe(1);
    expect(one.output()).toMatch(/No Gatehouse runs on the data folder .* set DATABASE_URL/);
  });

  test("an admin's database that is not there", async () => {
    const one = start({ env: { DATABASE_URL: `postgresql://somebody@127.0.0.1:${port}/gatehouse` } });
    expect(await one.ended()).toBe(1);
    expect(one.output()).toContain(
      `The database gatehouse on 127.0.0.1:${port} of DATABASE_URL cannot be used`,
    );
  });
});

describe("a start", () => {
  test("gives each process its own key only, 32 bytes that nobody else can read", async () => {
    const one = await startAndWait();
    await one.printed(/web \d+ starts, key true/);
    await one.printed(/worker \d+ starts, key true/);
    for (const owner of ["web", "worker"]) {
      const { size, mode } = statSync(path.join(data.folder, "keys", `${owner}.key`));
      expect([size, mode & 0o777]).toEqual([32, 0o600]);
    }
    expect(statSync(data.folder).mode & 0o777).toBe(0o700);
  });

  test("prints a set-up token for 15 minutes, of which the database has the SHA-256 only", async () => {
    await arrange();
    const one = await startAndWait();
    const [, token = ""] = await one.printed(/^ {4}([0-9a-z-]{27})$/m);
    const read = `select "setupTokenHash" as hash, extract(epoch from "setupExpiresAt" - now() at time zone 'utc')::int as left from "Installation"`;
    const { rows } = await query(databaseOf(one), read);
    expect(rows[0].hash).toEqual(createHash("sha256").update(token).digest());
    expect(rows[0].left).toBeGreaterThan(12 * 60);
    expect(rows[0].left).toBeLessThanOrEqual(15 * 60);
  });

  test("another start gives another token", async () => {
    await arrange();
    const hash = `select "setupTokenHash" as hash from "Installation"`;
    const one = await startAndWait();
    const before = (await query(databaseOf(one), hash)).rows[0].hash;
    await stop(one);
    const two = await startAndWait();
    expect((await query(databaseOf(two), hash)).rows[0].hash).not.toEqual(before);
  });

  test("prints no token once there is an owner", async () => {
    await arrange(`update "Installation" set "setUpAt" = now()`);
    const one = await startAndWait();
    expect(one.output()).not.toContain("set-up token");
  });
});

test("a second worker attaches to the product that runs on the data folder, and ends without it", async () => {
  await arrange();
  await startAndWait();
  const second = start({ role: "worker" });
  await second.printed(/A worker of Gatehouse is running/);
  await second.printed(/worker \d+ starts, key true/);
  expect(await stop(second)).toBe(0);
});
