import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { POST as postReport } from "@/app/api/install/report/route";
import { GET as getScript } from "@/app/api/install/script/route";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { addHost } from "@/lib/features/hosts/commands";
import {
  enrolByLogin,
  lookAtOfferedKeys,
  makeInstallCommand,
  repinHost,
} from "@/lib/features/hosts/enrol-commands";
import {
  readAccounts,
  refreshHost,
  removeHost,
  runPackages,
  updateAgent,
} from "@/lib/features/hosts/operate-commands";
import { getHost, getHostAccounts, getOperation } from "@/lib/features/hosts/queries";
import type { EnrolByLoginInput } from "@/lib/features/hosts/schema";
import type { HostView } from "@/lib/features/hosts/views";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { fingerprintOf } from "@/lib/ssh/keys";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import { type Door, openDoor, startWorkerInLab, type WorkerProcess } from "@/lib/testing/lab-product";
import { type Actor, act, read } from "@/lib/usecase";

const port = 3000;
process.env.GATEHOUSE_INSTALL_URL = `http://10.77.255.254:${port}`;
const db = await openDatabase();
const keys = mkdtempSync(path.join(tmpdir(), "gatehouse-login-"));
let lab: Lab;
let worker: WorkerProcess;
let door: Door;
let admin: Actor;

/** The two public doors, as Next would open them. */
async function honestly(request: Request): Promise<Response> {
  const handler = new URL(request.url).pathname === "/api/install/script" ? getScript : postReport;
  return handler(request, { params: Promise.resolve({}) });
}

beforeAll(async () => {
  lab = await openLab();
  admin = await addActor(db, "admin", "Ada");
  door = await openDoor(lab, port, honestly);
  worker = await startWorkerInLab(lab, db);
});
afterAll(async () => {
  await worker.stop();
  await door.close();
  await lab.close();
  rmSync(keys, { recursive: true });
});

const viewOf = (hostId: string): Promise<HostView> => read(getHost, { hostId }, admin, origin);

/** Reads the host's view until it is as wanted. */
async function until(hostId: string, isWanted: (view: HostView) => boolean, seconds = 60): Promise<HostView> {
  for (let waited = 0; ; waited += 0.1) {
    const view = await viewOf(hostId);
    if (isWanted(view)) return view;
    if (waited > seconds)
      throw new Error(`still ${view.condition}, enrolment ${JSON.stringify(view.enrolment)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function add(host: LabHost, way: "command" | "login") {
  const input = { name: `${host.name}-${randomUUID().slice(0, 4)}`, address: host.address, port: 22, way };
  return { ...(await act(addHost, input, admin, origin)), name: input.name };
}

async function commandFor(hostId: string): Promise<string> {
  await until(hostId, (view) => view.enrolment?.commandReady === true);
  return (await act(makeInstallCommand, { hostId }, admin, origin)).command;
}

/** The paste, on root's terminal. */
const paste = (host: LabHost, command: string) =>
  host.exec("sh", { input: `${command}\n`, timeoutSeconds: 280 });

const fingerprintsOf = (host: LabHost) =>
  host.hostKeys.map((line) => fingerprintOf(parsePublicKey(line)?.blob ?? new Uint8Array())).sort();

describe("by the install command", () => {
  test("root pastes it: agent, account and key are there, all host keys are pinned, and only then it is managed", async () => {
    const host = await lab.start("bookworm");
    const { hostId } = await add(host, "command");
    const { code, stdout, stderr } = await paste(host, await commandFor(hostId));
    expect(`${stdout}${stderr}`).toContain("is installed");
    expect(code).toBe(0);
    const view = await until(hostId, ({ condition }) => condition === "ready");
    expect(view.pins.map((pin) => pin.fingerprint).sort()).toEqual(fingerprintsOf(host));
    expect(view.pins.every((pin) => pin.origin === "install report")).toBe(true);
    expect(view.facts).toMatchObject({
      os: expect.stringContaining("Debian"),
      originalKept: true,
    });
    // The host tells whole seconds.
    expect(Math.abs(view.facts?.clockOffsetSeconds ?? 99)).toBeLessThanOrEqual(2);
    expect(view.enrolment?.state).toBe("done");
    const rows = await db.activity.findMany({ where: { targetId: hostId }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => `${row.action} ${row.outcome}`)).toEqual([
      "host.add done",
      "host.install-command done",
      "host.report done",
      "host.enrol done",
    ]);
  });

  test("an admin with sudo pastes it, on a server that has only wget", async () => {
    const host = await lab.start("trixie");
    await host.exec(
      "rm -f /usr/bin/curl; command -v wget || ln -s /usr/bin/busybox /usr/bin/wget; chmod 755 /usr/bin/wget",
    );
    const { hostId } = await add(host, "command");
    const command = await commandFor(hostId);
    const { ok, stdout, stderr } = await host.login("admin", { command, timeoutSeconds: 100 });
    expect(ok, stdout + stderr).toBe(true);
    await until(hostId, ({ condition }) => condition === "ready");
  });

  test("a server without sshd gets it first", async () => {
    const host = await lab.start("bookworm", { withoutSshd: true });
    const { hostId } = await add(host, "command");
    const { code, stderr } = await paste(host, await commandFor(hostId));
    expect(code, stderr).toBe(0);
    await until(hostId, ({ condition }) => condition === "ready");
  });

  test("its secret is in no argument list while it runs, and in no row afterwards", async () => {
    const host = await lab.start("bookworm");
    const { hostId } = await add(host, "command");
    const command = await commandFor(hostId);
    const secret = /k=([0-9a-f]{64})/.exec(command)?.[1] ?? expect.fail("no secret");
    const watch = `( while sleep 0.02; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done >/root/seen ) & `;
    const { code } = await host.exec(`${watch} sh; kill $!`, { input: `${command}\n`, timeoutSeconds: 100 });
    expect(code).toBe(0);
    const seen = await host.read("/root/seen");
    expect(seen).toContain("install");
    expect(seen).not.toContain(secret);
    expect(await everythingStored()).not.toContain(secret);
  });

  describe("with a man in the middle on plain http", () => {
    let host: LabHost;
    let hostId: string;
    let command: string;
    beforeAll(async () => {
      host = await lab.start("bookworm");
      ({ hostId } = await add(host, "command"));
      command = await commandFor(hostId);
    });

    test("a script that he altered is not run", async () => {
      door.answerWith(async (request) => {
        const script = await (await honestly(request)).text();
        return new Response(script.replace("set -u", "touch /owned; set -u"));
      });
      const { code, stdout } = await paste(host, command);
      door.answerWith(honestly);
      expect(code).not.toBe(0);
      expect(stdout).toContain("Nothing was run");
      expect((await host.exec("ls /owned /usr/local/libexec/gatehouse-agent")).code).not.toBe(0);
    });

    test("a report that he altered or made up is refused, said once, and pins nothing", async () => {
      const bodies: Buffer[] = [];
      door.answerWith(async (request) => {
        if (request.method !== "POST") return honestly(request);
        const body = Buffer.from(await request.arrayBuffer());
        bodies.push(body);
        const altered = body.toString("latin1").replace(/^hostkey\.1=/m, "hostkey.2=");
        expect(altered).not.toBe(body.toString("latin1"));
        return honestly(new Request(request.url, { method: "POST", body: Buffer.from(altered, "latin1") }));
      });
      const { code, stdout, stderr } = await paste(host, command);
      door.answerWith(honestly);
      expect(code, stdout + stderr).not.toBe(0);
      const view = await viewOf(hostId);
      expect(view.pins).toEqual([]);
      expect(view.condition).toBe("enrolling");
      expect(view.enrolment?.error).toContain("refused");

      const genuine = bodies[0] ?? expect.fail("no report came");
      const post = async (body: Buffer) =>
        (
          await honestly(
            new Request("http://gateway/api/install/report", { method: "POST", body: new Uint8Array(body) }),
          )
        ).text();
      expect(await post(Buffer.concat([genuine, Buffer.from("hostkey.9=x\n")]))).toContain("refused");
      expect(await post(genuine)).toContain("done");
      expect(await post(genuine), "a replay").toContain("refused");
      await until(hostId, ({ condition }) => condition === "ready");
      const refusals = await db.activity.count({
        where: { targetId: hostId, action: "host.report", outcome: "refused" },
      });
      expect(refusals).toBe(1);
    });
  });

  test("an older command stops working when a new one is made", async () => {
    const host = await lab.start("bookworm");
    const { hostId } = await add(host, "command");
    const older = await commandFor(hostId);
    await act(makeInstallCommand, { hostId }, admin, origin);
    const { stdout, stderr } = await paste(host, older);
    expect(stdout + stderr).toContain("refused");
    expect((await viewOf(hostId)).condition).toBe("enrolling");
  });
});

describe("by a login", () => {
  type Login = Pick<z.input<typeof EnrolByLoginInput>, "username" | "credential" | "sudoPassword">;

  async function compare(hostId: string) {
    const view = await until(hostId, ({ enrolment }) => enrolment?.state === "compare");
    return view.enrolment ?? expect.fail("no enrolment");
  }
  async function logIn(host: LabHost, login: Login) {
    const { hostId, name } = await add(host, "login");
    const enrolment = await compare(hostId);
    expect(enrolment.offeredKeys.map((key) => key.fingerprint).sort()).toEqual(fingerprintsOf(host));
    await enrol(hostId, enrolment, login);
    return { hostId, name };
  }
  const enrol = (
    hostId: string,
    enrolment: { id: string; offeredKeys: { fingerprint: string }[] },
    login: Login,
  ) =>
    act(
      enrolByLogin,
      { hostId, enrolmentId: enrolment.id, fingerprint: enrolment.offeredKeys[0]?.fingerprint, ...login },
      admin,
      origin,
    );

  test.each(["bookworm", "trixie", "bullseye"] as const)(
    "on %s with a key, and sudo without a password",
    async (tree) => {
      const host = await lab.start(tree);
      const { hostId } = await logIn(host, {
        username: "admin",
        credential: { kind: "key", privateKey: readFileSync(lab.keyPath, "utf8") },
      });
      const view = await until(hostId, ({ condition }) => condition === "ready");
      expect(view.pins.map((pin) => pin.fingerprint).sort()).toEqual(fingerprintsOf(host));
      expect(view.enrolment?.log).toContain("Installed");
    },
  );

  test("with a password and a sudo that asks for it; the password is nowhere afterwards", async () => {
    const host = await lab.start("bookworm");
    await host.exec("usermod -aG sudo alice");
    const { hostId } = await logIn(host, {
      username: "alice",
      credential: { kind: "password", password: "alice-pw" },
    });
    await until(hostId, ({ condition }) => condition === "ready");
    expect(await everythingStored()).not.toContain("alice-pw");
    expect((await host.exec("cat /var/log/*.log /root/* 2>/dev/null; true")).stdout).not.toContain(
      "alice-pw",
    );
  });

  test("as root, with a key that has a passphrase", async () => {
    const host = await lab.start("bookworm");
    const file = path.join(keys, "root");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open sesame", "-f", file]);
    await host.exec("mkdir -p -m 700 /root/.ssh && cat >/root/.ssh/authorized_keys", {
      input: readFileSync(`${file}.pub`),
    });
    const { hostId } = await add(host, "login");
    const privateKey = readFileSync(file, "utf8");
    await enrol(hostId, await compare(hostId), { username: "root", credential: { kind: "key", privateKey } });
    const asked = await until(
      hostId,
      ({ enrolment }) => enrolment?.error !== null && enrolment?.state === "compare",
    );
    expect(asked.enrolment?.error).toContain("passphrase");
    const credential = { kind: "key", privateKey, passphrase: "open sesame" } as const;
    await enrol(hostId, asked.enrolment ?? expect.fail(), { username: "root", credential });
    await until(hostId, ({ condition }) => condition === "ready");
  });

  test.each([
    [
      "a wrong password",
      { username: "alice", credential: { kind: "password", password: "no" } },
      "refused the login",
    ],
    [
      "an account without sudo rights",
      { username: "bob", credential: { kind: "password", password: "bob-pw" } },
      "did not succeed",
    ],
  ] as const)("%s changes nothing on the host and is explained", async (_, login, words) => {
    const host = await lab.start("bookworm");
    const { hostId } = await logIn(host, login);
    const view = await until(hostId, ({ enrolment }) => enrolment?.error !== null);
    expect(view.enrolment?.error).toContain(words);
    expect(view.condition).toBe("enrolling");
    expect((await host.exec("ls /usr/local/libexec; cat /etc/passwd")).stdout).not.toContain("gatehouse");
  });

  test("a host whose key changed after the comparison gets nothing", async () => {
    const host = await lab.start("bookworm");
    const { hostId } = await add(host, "login");
    const enrolment = await compare(hostId);
    await host.replaceHostKeys();
    await enrol(hostId, enrolment, {
      username: "alice",
      credential: { kind: "password", password: "alice-pw" },
    });
    const view = await until(hostId, (now) => now.enrolment?.state === "failed");
    expect(view.enrolment?.error).toContain("Nothing was sent");
    const again = await act(lookAtOfferedKeys, { hostId }, admin, origin);
    expect((await compare(hostId)).id).toBe(again.enrolmentId);
  });
});

describe("a managed host", () => {
  let host: LabHost;
  let hostId: string;
  let name: string;
  beforeAll(async () => {
    host = await lab.start("bookworm");
    ({ hostId, name } = await add(host, "command"));
    expect((await paste(host, await commandFor(hostId))).code).toBe(0);
    await until(hostId, ({ condition }) => condition === "ready");
  });

  test("tells its accounts", async () => {
    await act(readAccounts, { hostId }, admin, origin);
    for (;;) {
      const view = await read(getHostAccounts, { hostId }, admin, origin);
      if (view.reading?.state === "done") {
        expect(view.accounts.find((account) => account.name === "alice")).toMatchObject({
          locked: "password",
        });
        expect(view.accounts.find((account) => account.name === "root")).toMatchObject({
          locked: "locked",
          uid: 0,
        });
        break;
      }
      expect(view.reading?.error ?? null).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  /** The operation when it has ended. */
  async function ended(operationId: string) {
    for (;;) {
      const operation = await read(getOperation, { hostId, operationId }, admin, origin);
      if (operation.state === "done" || operation.state === "failed") return operation;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  test("upgrades a package with its output kept, and the activity has intent and result", async () => {
    const input = { hostId, action: "upgrade", name: "openssh-client" };
    const { operationId } = await act(runPackages, input, admin, origin);
    const operation = await ended(operationId);
    expect(operation.error).toBeNull();
    expect(operation.state).toBe("done");
    expect(operation.output).toMatch(/openssh-client|Reading package lists/);
    const rows = await db.activity.findMany({ where: { action: "host.packages" }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => row.outcome)).toEqual(["intent", "done"]);
  });

  test("with another agent is seen as such, and gets ours by a change that proves itself", async () => {
    const agent = "/usr/local/libexec/gatehouse-agent";
    await host.exec(`sed -i 's/^AGENT_VERSION=.*/AGENT_VERSION=0/' ${agent}`);
    await act(refreshHost, { hostId }, admin, origin);
    const old = await until(hostId, (view) => view.agentOutdated);
    expect(old.agentVersion).toBe("0");
    const { operationId } = await act(updateAgent, { hostId }, admin, origin);
    const operation = await ended(operationId);
    expect(operation.error).toBeNull();
    expect((await viewOf(hostId)).agentOutdated).toBe(false);
    expect(await host.read(agent)).toBe(shippedAgent().content.toString());
    await expect(act(updateAgent, { hostId }, admin, origin)).rejects.toMatchObject({ code: "conflict" });
  });

  test("that loses its power is unreachable, with the reason, and ready again when it is back", async () => {
    await host.powerCut();
    await act(refreshHost, { hostId }, admin, origin);
    const silent = await until(hostId, ({ condition }) => condition === "unreachable");
    expect(silent.unreachableReason).toMatch(/No route|Nothing answered|Nothing listens|No connection/);
    await host.boot();
    await host.waitForSsh();
    await act(refreshHost, { hostId }, admin, origin);
    const back = await until(hostId, ({ condition }) => condition === "ready");
    expect(back.unreachableReason).toBeNull();
  });

  test("is served by another worker when the one that works on it is killed", async () => {
    // sshd accepts and says nothing: the job hangs in its login.
    await host.exec("pkill -STOP -o -x sshd");
    const { operationId } = await act(readAccounts, { hostId }, admin, origin);
    await untilState(operationId, "running");
    await worker.kill();
    await host.exec("pkill -CONT -o -x sshd");
    worker = await startWorkerInLab(lab, db);
    expect(await ended(operationId)).toMatchObject({ state: "done", error: null });
  });

  async function untilState(operationId: string, state: string) {
    while ((await read(getOperation, { hostId, operationId }, admin, origin)).state !== state)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  test("with other host keys stops everything, until a person re-pins the one it offers", async () => {
    const before = await viewOf(hostId);
    await host.replaceHostKeys();
    await act(readAccounts, { hostId }, admin, origin);
    const changed = await until(hostId, ({ condition }) => condition === "key_changed");
    expect(changed.pins).toEqual(before.pins);
    expect(fingerprintsOf(host)).toContain(changed.offered[0]?.fingerprint);
    const alarms = await db.activity.findMany({ where: { action: "host.key-changed", targetId: hostId } });
    expect(alarms.map((row) => [row.outcome, row.actorName])).toEqual([["refused", "Gatehouse"]]);
    await expect(act(readAccounts, { hostId }, admin, origin)).rejects.toMatchObject({ code: "conflict" });
    const foreign = { hostId, fingerprint: before.pins[0]?.fingerprint };
    await expect(act(repinHost, foreign, admin, origin)).rejects.toMatchObject({ code: "conflict" });
    await act(repinHost, { hostId, fingerprint: changed.offered[0]?.fingerprint }, admin, origin);
    const after = await until(hostId, ({ condition }) => condition === "ready");
    expect(after.pins.map((pin) => pin.fingerprint).sort()).toEqual(fingerprintsOf(host));
    expect(after.offered).toEqual([]);
  });

  test("is removed: the agent is gone, our key is refused, the host is forgotten, the activity knows", async () => {
    await expect(act(removeHost, { hostId, name: "other" }, admin, origin)).rejects.toMatchObject({
      code: "invalid",
    });
    await act(removeHost, { hostId, name }, admin, origin);
    for (;;) {
      const operation = await db.operation.findFirst({ where: { hostId, kind: "remove" } });
      if (!operation) break;
      expect(operation.error).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await db.host.findUnique({ where: { id: hostId } })).toBeNull();
    const gone = await host.exec(
      "! grep gatehouse /etc/passwd && ! ls /usr/local/libexec/gatehouse-agent /etc/sudoers.d/gatehouse",
    );
    expect(gone.code).toBe(0);
    const rows = await db.activity.findMany({ where: { action: "host.remove" }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => row.outcome)).toEqual(["intent", "done"]);
    expect(rows[1]?.intentSeq).toBe(rows[0]?.seq);
  });
});

/** Every row of every table, the job queue's included, as text. */
async function everythingStored(): Promise<string> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname IN ('public', 'graphile_worker')`;
  const texts = await Promise.all(
    tables.map(({ name }) => db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`)),
  );
  return texts
    .flat()
    .map(({ row }) => row)
    .join("\n");
}
