import { randomUUID } from "node:crypto";
import { afterAll, expect } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import type { Db } from "@/lib/db/client";
import { addHost } from "@/lib/features/hosts/commands";
import { makeInstallCommand } from "@/lib/features/hosts/enrol-commands";
import { getHost, getOperation } from "@/lib/features/hosts/queries";
import type { HostView, OperationView } from "@/lib/features/hosts/views";
import type { Handler } from "@/lib/http/route";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { fingerprintOf } from "@/lib/ssh/keys";
import { addActor, origin } from "@/lib/testing/arrange";
import { openDatabase } from "@/lib/testing/database";
import {
  type Answer,
  type Door,
  openDoor,
  startWorkerInLab,
  type WorkerProcess,
} from "@/lib/testing/lab-product";
import { type Actor, act, read } from "@/lib/usecase";

const port = 3000;

/** The two public doors of the product: app/api/install. */
export interface InstallRoutes {
  readonly getScript: Handler;
  readonly postReport: Handler;
}

/** Answers as Next would, by the routes. */
export function honest({ getScript, postReport }: InstallRoutes): Answer {
  return (request) => {
    const handler = new URL(request.url).pathname === "/api/install/script" ? getScript : postReport;
    return handler(request, { params: Promise.resolve({}) });
  };
}

/** The product over a lab: a database, a worker process inside, the doors that hosts knock at, an admin. */
export interface HostLab {
  readonly db: Db;
  readonly lab: Lab;
  readonly door: Door;
  readonly admin: Actor;
  /** Tests may kill and replace it. */
  worker: WorkerProcess;
  viewOf(hostId: string): Promise<HostView>;
  /** The host's view as soon as it is as wanted; throws after a minute. */
  until(hostId: string, isWanted: (view: HostView) => boolean): Promise<HostView>;
  /** The operation when it has ended. */
  ended(hostId: string, operationId: string): Promise<OperationView>;
  add(host: LabHost, way: "command" | "login"): Promise<{ hostId: string; name: string }>;
  /** A fresh install command. */
  commandFor(hostId: string): Promise<string>;
  /** Every row of every table, the job queue's included, as text. */
  everythingStored(): Promise<string>;
}

/** Opens it for one test file, and closes it after the file's last test. Call it at the top. */
export async function openHostLab(routes: InstallRoutes): Promise<HostLab> {
  process.env.GATEHOUSE_INSTALL_URL = `http://10.77.255.254:${port}`;
  const db = await openDatabase();
  const lab = await openLab();
  const admin = await addActor(db, "admin", "Ada");
  const door = await openDoor(lab, port, honest(routes));
  const worker = await startWorkerInLab(lab, db);

  const viewOf = (hostId: string) => read(getHost, { hostId }, admin, origin);
  const until: HostLab["until"] = async (hostId, isWanted) => {
    for (let waited = 0; ; waited += 0.1) {
      const view = await viewOf(hostId);
      if (isWanted(view)) return view;
      if (waited > 60)
        throw new Error(`still ${view.condition}, enrolment ${JSON.stringify(view.enrolment)}`);
      await pause();
    }
  };
  const opened: HostLab = {
    db,
    lab,
    door,
    admin,
    worker,
    viewOf,
    until,
    async ended(hostId, operationId) {
      for (;;) {
        const operation = await read(getOperation, { hostId, operationId }, admin, origin);
        if (operation.state === "done" || operation.state === "failed") return operation;
        await pause();
      }
    },
    async add(host, way) {
      const input = {
        name: `${host.name}-${randomUUID().slice(0, 4)}`,
        address: host.address,
        port: 22,
        way,
      };
      return { ...(await act(addHost, input, admin, origin)), name: input.name };
    },
    async commandFor(hostId) {
      await until(hostId, (view) => view.enrolment?.commandReady === true);
      return (await act(makeInstallCommand, { hostId }, admin, origin)).command;
    },
    everythingStored: () => everythingStored(db),
  };
  afterAll(async () => {
    await opened.worker.stop();
    await door.close();
    await lab.close();
  });
  return opened;
}

/** A paste into root's terminal. */
export function paste(host: LabHost, command: string) {
  return host.exec("sh", { input: `${command}\n`, timeoutSeconds: 280 });
}

/** Fingerprints of the host keys that the lab knows the host to have, in order. */
export function fingerprintsOf(host: LabHost): string[] {
  return host.hostKeys
    .map((line) => fingerprintOf(parsePublicKey(line)?.blob ?? expect.fail(`no key: ${line}`)))
    .sort();
}

/** A moment between two looks. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

async function everythingStored(db: Db): Promise<string> {
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
