import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  allGone,
  databaseOf,
  findFreePort,
  isRunning,
  type Launched,
  launch,
  makeDataFolder,
  pidsOf,
} from "./testing/launched";

/** Whole starts and stops; a busy machine takes its time. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let data: ReturnType<typeof makeDataFolder>;
let port: number;
const launched: Launched[] = [];

beforeEach(async () => {
  data = makeDataFolder();
  port = await findFreePort();
});
afterEach(async () => {
  const pids = launched.flatMap(pidsOf);
  for (const one of launched) one.process.kill("SIGTERM");
  await Promise.all(launched.splice(0).map((one) => one.ended));
  await allGone(pids);
  data.remove();
});

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
  return one.ended;
}

async function query(one: Launched, sql: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: databaseOf(one) });
  await client.connect();
  try {
    return await client.query(sql, values);
  } finally {
    await client.end();
  }
}

describe("Ctrl-C", () => {
  test("stops all that was started, in order, with success; a second one changes nothing", async () => {
    const one = await startAndWait();
    const pids = pidsOf(one);
    expect(pids).toHaveLength(3);
    one.process.kill("SIGINT");
    one.process.kill("SIGINT");
    expect(await one.ended).toBe(0);
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
    const one = await startAndWait();
    const [worker = 0] = pidsOf(one);
    process.kill(worker, "SIGKILL");
    await one.printed(/worker ended unexpectedly \(SIGKILL\)/);
    expect(await stop(one)).toBe(0);
    await allGone(pidsOf(one));
  });
});

describe("a process that dies", () => {
  test("is started again", async () => {
    const one = await startAndWait();
    process.kill(pidsOf(one)[0] ?? 0, "SIGKILL");
    await one.printed(/worker \d+ starts[\s\S]*worker \d+ starts/);
  });

  test("and says that it cannot run ends the product with a failure", async () => {
    const one = start({ env: { TINY_WEB_EXIT: "78" } });
    expect(await one.ended).toBe(1);
    expect(one.output()).toContain("The web process cannot run; it said why above.");
    await allGone(pidsOf(one));
  });

  test("PostgreSQL: the product ends with a failure that shows its log", async () => {
    const one = await startAndWait();
    const pids = pidsOf(one);
    process.kill(pids[2] ?? 0, "SIGINT");
    expect(await one.ended).toBe(1);
    expect(one.output()).toMatch(/PostgreSQL ended unexpectedly[\s\S]*fast shutdown request/);
    await allGone(pids);
  });
});

describe("kill -9 of the launcher", () => {
  test("everything else ends by itself, and the next start works on the same data", async () => {
    const one = await startAndWait();
    await query(one, `create table kept (n int)`);
    const pids = pidsOf(one);
    one.process.kill("SIGKILL");
    await one.ended;
    await allGone(pids);
    const two = await startAndWait();
    expect((await query(two, "select count(*)::int as n from kept")).rows).toEqual([{ n: 0 }]);
  });

  test("a next start at once waits its turn and works", async () => {
    const one = await startAndWait();
    one.process.kill("SIGKILL");
    const two = await startAndWait();
    expect(pidsOf(two).every(isRunning)).toBe(true);
  });
});

describe("refusals say what to do", () => {
  test("a second start on the same data folder; the first goes on", async () => {
    const one = await startAndWait();
    const two = launch(data.folder, await findFreePort());
    expect(await two.ended).toBe(1);
    expect(two.output()).toMatch(
      new RegExp(`already runs on the data folder .* \\(process ${one.process.pid}\\)`),
    );
    expect(pidsOf(one).every(isRunning)).toBe(true);
  });

  test("the port is taken", async () => {
    const squatter = createServer().listen(port, "127.0.0.1");
    try {
      const one = start();
      expect(await one.ended).not.toBe(0);
      expect(one.output()).toContain(`Port ${port} on 127.0.0.1 is taken by another program`);
    } finally {
      squatter.close();
    }
  });

  test("a wrong variable, before anything is started", async () => {
    const one = start({ env: { GATEHOUSE_URL: "gatehouse.example.org" } });
    expect(await one.ended).toBe(1);
    expect(one.output().trim()).toMatch(
      /^The environment is not usable:\n {2}GATEHOUSE_URL must be an address such as/,
    );
    expect(existsSync(`${data.folder}/postgres`)).toBe(false);
  });

  test("the database was written by a newer version", async () => {
    const one = await startAndWait();
    await query(
      one,
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'y', '29990101000000_later', now())`,
    );
    await stop(one);
    const two = start();
    expect(await two.ended).toBe(1);
    expect(two.output()).toContain(
      "written by a newer version of Gatehouse: it has the migration 29990101000000_later",
    );
  });

  test("a migration was edited after it had been applied", async () => {
    const one = await startAndWait();
    await query(one, `update _prisma_migrations set checksum = 'other' where migration_name like '%_first'`);
    await stop(one);
    const two = start();
    expect(await two.ended).toBe(1);
    expect(two.output()).toMatch(/_first was edited after it had been applied/);
  });

  test("a migration failed earlier", async () => {
    const one = await startAndWait();
    await query(
      one,
      `update _prisma_migrations set finished_at = null, logs = 'no such column' where migration_name like '%_first'`,
    );
    await stop(one);
    const two = start();
    expect(await two.ended).toBe(1);
    expect(two.output()).toMatch(
      /_first failed earlier and was left unfinished \(no such column\)[\s\S]*migrate resolve/,
    );
  });

  test("the data folder was written by a newer PostgreSQL", async () => {
    const one = await startAndWait();
    await stop(one);
    writeFileSync(`${data.folder}/postgres/PG_VERSION`, "99\n");
    const two = start();
    expect(await two.ended).toBe(1);
    expect(two.output()).toMatch(/written by a newer version: it needs PostgreSQL 99/);
  });

  test.each(["web", "worker"])(
    "the %s key is missing while there is sealed data; no new one is made",
    async (owner) => {
      const one = await startAndWait();
      await query(
        one,
        `insert into "Person" (id, login, name, role, "userHandle") values ('00000000-0000-4000-8000-000000000001', 'a', 'A', 'owner', '\\x01')`,
      );
      await query(
        one,
        `insert into "TotpFactor" ("personId", "secretSealed") values ('00000000-0000-4000-8000-000000000001', '\\x02')`,
      );
      await stop(one);
      const key = path.join(data.folder, "keys", `${owner}.key`);
      rmSync(key);
      const two = start();
      expect(await two.ended).toBe(1);
      expect(two.output()).toContain(
        `The key ${key} is missing, and the database holds secrets sealed with the old one (TotpFactor.secretSealed)`,
      );
      expect(existsSync(key)).toBe(false);
    },
  );

  test("a key is damaged", async () => {
    const one = await startAndWait();
    await stop(one);
    writeFileSync(path.join(data.folder, "keys/web.key"), "short");
    const two = start();
    expect(await two.ended).toBe(1);
    expect(two.output()).toContain("is damaged: 5 bytes instead of 32");
  });

  test("a worker by itself, where no product runs", async () => {
    const one = start({ role: "worker" });
    expect(await one.ended).toBe(1);
    expect(one.output()).toMatch(/No Gatehouse runs on the data folder .* set DATABASE_URL/);
  });

  test("an admin's database that is not there", async () => {
    const one = start({ env: { DATABASE_URL: `postgresql://somebody@127.0.0.1:${port}/gatehouse` } });
    expect(await one.ended).toBe(1);
    expect(one.output()).toContain(
      `The database gatehouse on 127.0.0.1:${port} of DATABASE_URL cannot be used`,
    );
  });
});

describe("a first start", () => {
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

  test("prints a set-up token for 15 minutes, of which the database has the SHA-256 only; the next start a new one", async () => {
    const one = await startAndWait();
    const [, token = ""] = await one.printed(/^ {4}([0-9a-z-]{27})$/m);
    const read = `select "setupTokenHash" as hash, extract(epoch from "setupExpiresAt" - now() at time zone 'utc')::int as left from "Installation"`;
    const { rows } = await query(one, read);
    expect(rows[0].hash).toEqual(createHash("sha256").update(token).digest());
    expect(rows[0].left).toBeGreaterThan(14 * 60);
    expect(rows[0].left).toBeLessThanOrEqual(15 * 60);
    await stop(one);
    const two = await startAndWait();
    expect((await two.printed(/^ {4}([0-9a-z-]{27})$/m))[1]).not.toBe(token);
  });

  test("prints no token once there is an owner", async () => {
    const one = await startAndWait();
    await query(one, `update "Installation" set "setUpAt" = now()`);
    await stop(one);
    const two = await startAndWait();
    expect(two.output()).not.toContain("set-up token");
  });
});

test("a second worker attaches to the product that runs on the data folder, and ends without it", async () => {
  await startAndWait();
  const second = start({ role: "worker" });
  await second.printed(/A worker of Gatehouse is running/);
  await second.printed(/worker \d+ starts, key true/);
  expect(await stop(second)).toBe(0);
});
