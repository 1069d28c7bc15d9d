import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBinaries } from "./binaries.mjs";
import { startCluster } from "./cluster.mjs";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), "gatehouse-cluster-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

describe("startCluster", () => {
  test("answers on a socket only, with fsync, in UTC, sorted alike on every machine", async () => {
    const cluster = await startCluster(path.join(parent, "postgres"));
    try {
      const sql = `select current_setting('listen_addresses') as tcp, current_setting('fsync') as fsync,
        current_setting('TimeZone') as zone, (select datlocprovider::text || datlocale from pg_database where datname = current_database()) as locale`;
      expect(await ask(cluster.url, sql)).toEqual({ tcp: "", fsync: "on", zone: "UTC", locale: "bC.UTF-8" });
      expect(statSync(path.join(parent, "postgres")).mode & 0o777).toBe(0o700);
    } finally {
      await cluster.stop();
    }
  });

  test("adopts the one that runs already, and can stop it", async () => {
    const folder = path.join(parent, "postgres");
    const first = await startCluster(folder, { durable: false });
    const second = await startCluster(folder, { durable: false });
    expect([second.adopted, second.pid]).toEqual([true, first.pid]);
    await second.stop();
    expect(await first.ended).toMatch(/database system is shut down/);
  });

  test("one that does not obey is ended all the same; what was committed is there at the next start", async () => {
    const folder = path.join(parent, "postgres");
    const stuck = await startCluster(folder);
    await ask(stuck.url, "create table kept as select 7 as number");
    process.kill(stuck.pid, "SIGSTOP");
    await stuck.stop();
    await stuck.ended;
    const next = await startCluster(folder);
    try {
      expect(next.adopted).toBe(false);
      expect(await ask(next.url, "select number from kept")).toEqual({ number: 7 });
    } finally {
      await next.stop();
    }
  }, 120_000);

  test("what a killed first start left half made is swept away", async () => {
    mkdirSync(path.join(parent, "postgres.new-1/base"), { recursive: true });
    const cluster = await startCluster(path.join(parent, "postgres"), { durable: false });
    await cluster.stop();
    expect(readdirSync(parent).sort()).toEqual(["postgres", "postgres.log"]);
  });

  test("a path too long for a socket is no obstacle", async () => {
    const long = path.join(parent, "a".repeat(60), "b".repeat(60));
    mkdirSync(long, { recursive: true });
    const cluster = await startCluster(path.join(long, "postgres"), { durable: false });
    try {
      expect(await ask(cluster.url, "select 1 as one")).toEqual({ one: 1 });
    } finally {
      await cluster.stop();
    }
  });
});

/** Runs `sh` where `$1` is an empty file system of that size, without changing this machine's mounts. */
function onFileSystem(size: string, script: string) {
  const mount = `mount -t tmpfs -o size=${size},mode=700 none "$1" && ${script}`;
  const as = ["--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", parent];
  return spawnSync("unshare", as, { encoding: "utf8", env: { ...process.env, START: startScript } });
}
const mountable =
  spawnSync("unshare", ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])
    .status === 0;
const startScript = `
  import { prepareDataFolder } from ${JSON.stringify(path.resolve(import.meta.dirname, "../../../scripts/run/data-folder.mjs"))};
  import { startCluster } from ${JSON.stringify(path.join(import.meta.dirname, "cluster.mjs"))};
  const folder = process.argv[1];
  try {
    prepareDataFolder(folder);
    const cluster = await startCluster(folder + "/postgres");
    await cluster.stop();
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }`;
const start = `"${process.execPath}" --input-type=module -e "$START" "$1"`;

describe.skipIf(!mountable)("a disk that cannot be written", () => {
  test("too small for a database: said before anything is written", () => {
    const { stdout } = onFileSystem("64m", `${start}; ls -A "$1"`);
    expect(stdout).toMatch(/^Problem: The disk is full: .* cannot be written\. Free some space/);
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });

  test("full to the last block", () => {
    const { stdout } = onFileSystem("1m", `{ head -c 2m /dev/zero > "$1/filler" 2>/dev/null; ${start}; }`);
    expect(stdout).toMatch(/^Problem: The disk is full: .* cannot be written/);
  });

  test("full under a database that exists: said, and nothing is lost", () => {
    const fill = `head -c 600m /dev/zero > "$1/filler" 2>/dev/null`;
    const { stdout } = onFileSystem(
      "200m",
      `${start}; ${fill}; ${start}; rm "$1/filler"; ${start} && echo works`,
    );
    expect(stdout).toMatch(/^Problem: The disk is full: .* cannot be written/);
    expect(stdout.trim().split("\n").at(-1)).toBe("works");
    expect(stdout.trim().split("\n")).toHaveLength(2);
  });

  test("read-only", () => {
    const { stdout } = onFileSystem("1m", `mount -o remount,ro "$1" && ${start}`);
    expect(stdout).toMatch(/^Problem: .* cannot be written by this account\. .*GATEHOUSE_DATA/);
  });
});

describe.skipIf(process.getuid?.() !== 0)("as root where user namespaces are forbidden", () => {
  test("a folder that nobody can reach is refused with what to do", () => {
    const shims = path.join(parent, "bin");
    mkdirSync(shims);
    writeFileSync(path.join(shims, "unshare"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    mkdirSync(path.join(parent, "closed/data"), { recursive: true });
    execFileSync("chmod", ["700", path.join(parent, "closed")]);
    const args = ["--input-type=module", "-e", startScript, path.join(parent, "closed/data")];
    const { stdout } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      env: { NODE_ENV: "test", PATH: `${shims}:${process.env.PATH}` },
    });
    expect(stdout).toMatch(
      /^Problem: PostgreSQL does not run as root, user namespaces are forbidden here.*ordinary user/,
    );
    expect(existsSync(path.join(parent, "closed/data/postgres"))).toBe(false);
  });
});

describe("findBinaries", () => {
  /** A `postgres` that knows its version and nothing else. */
  function fakePostgres(folder: string, major: number): string {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "initdb"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(path.join(folder, "postgres"), `#!/bin/sh\necho 'postgres (PostgreSQL) ${major}.1'\n`, {
      mode: 0o755,
    });
    return folder;
  }
  const without = { packaged: false, searchPath: "", distribution: "/nowhere" };

  test("none anywhere: says how to get one", () => {
    expect(() => findBinaries(without)).toThrow(/apt-get install postgresql.*DATABASE_URL/);
  });

  test("falls back to PATH, then to the newest of the distribution", () => {
    const onPath = fakePostgres(path.join(parent, "bin"), 15);
    fakePostgres(path.join(parent, "dist/9/bin"), 9);
    const newest = fakePostgres(path.join(parent, "dist/17/bin"), 17);
    const distribution = path.join(parent, "dist");
    expect(findBinaries({ ...without, searchPath: onPath, distribution })).toEqual({
      folder: onPath,
      major: 15,
    });
    expect(findBinaries({ ...without, distribution })).toEqual({ folder: newest, major: 17 });
  });

  test("takes the version that the data needs, not the newest", () => {
    fakePostgres(path.join(parent, "17/bin"), 17);
    const older = fakePostgres(path.join(parent, "15/bin"), 15);
    expect(findBinaries({ ...without, distribution: parent, major: 15 }).folder).toBe(older);
  });

  test("data of an older major version is not touched and points to the instructions", () => {
    fakePostgres(path.join(parent, "17/bin"), 17);
    const find = () => findBinaries({ ...without, distribution: parent, major: 16 });
    expect(find).toThrow(
      /written by PostgreSQL 16, and this version has 17.*docs\/install\.md.*Nothing was changed/,
    );
  });
});
