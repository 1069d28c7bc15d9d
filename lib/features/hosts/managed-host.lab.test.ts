import { beforeAll, describe, expect, test } from "vitest";
import { POST as postReport } from "@/app/api/install/report/route";
import { GET as getScript } from "@/app/api/install/script/route";
import type { LabHost } from "@/e2e/lab/lab";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { repinHost } from "@/lib/features/hosts/enrol-commands";
import {
  readAccounts,
  refreshHost,
  removeHost,
  runPackages,
  updateAgent,
} from "@/lib/features/hosts/operate-commands";
import { getHostAccounts, getOperation } from "@/lib/features/hosts/queries";
import { origin } from "@/lib/testing/arrange";
import { fingerprintsOf, openHostLab, paste, pause } from "@/lib/testing/lab-hosts";
import { startWorkerInLab } from "@/lib/testing/lab-product";
import { act, read } from "@/lib/usecase";

const at = await openHostLab({ getScript, postReport });

describe("a managed host", () => {
  let host: LabHost;
  let hostId: string;
  let name: string;
  beforeAll(async () => {
    host = await at.lab.start("bookworm");
    ({ hostId, name } = await at.add(host, "command"));
    expect((await paste(host, await at.commandFor(hostId))).code).toBe(0);
    await at.until(hostId, ({ condition }) => condition === "ready");
  });

  test("tells its accounts", async () => {
    await act(readAccounts, { hostId }, at.admin, origin);
    for (;;) {
      const view = await read(getHostAccounts, { hostId }, at.admin, origin);
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
      await pause();
    }
  });

  test("upgrades a package with its output kept, and the activity has intent and result", async () => {
    const input = { hostId, action: "upgrade", name: "openssh-client" };
    const { operationId } = await act(runPackages, input, at.admin, origin);
    const operation = await at.ended(hostId, operationId);
    expect(operation.error).toBeNull();
    expect(operation.state).toBe("done");
    expect(operation.output).toMatch(/openssh-client|Reading package lists/);
    const rows = await at.db.activity.findMany({
      where: { action: "host.packages" },
      orderBy: { seq: "asc" },
    });
    expect(rows.map((row) => row.outcome)).toEqual(["intent", "done"]);
  });

  test("with another agent is seen as such, and gets ours by a change that proves itself", async () => {
    const agent = "/usr/local/libexec/gatehouse-agent";
    await host.exec(`sed -i 's/^AGENT_VERSION=.*/AGENT_VERSION=0/' ${agent}`);
    await act(refreshHost, { hostId }, at.admin, origin);
    const old = await at.until(hostId, (view) => view.agentOutdated);
    expect(old.agentVersion).toBe("0");
    const { operationId } = await act(updateAgent, { hostId }, at.admin, origin);
    const operation = await at.ended(hostId, operationId);
    expect(operation.error).toBeNull();
    expect((await at.viewOf(hostId)).agentOutdated).toBe(false);
    expect(await host.read(agent)).toBe(shippedAgent().content.toString());
    await expect(act(updateAgent, { hostId }, at.admin, origin)).rejects.toMatchObject({ code: "conflict" });
  });

  test("that loses its power is unreachable, with the reason, and ready again when it is back", async () => {
    await host.powerCut();
    await act(refreshHost, { hostId }, at.admin, origin);
    const silent = await at.until(hostId, ({ condition }) => condition === "unreachable");
    expect(silent.unreachableReason).toMatch(/No route|Nothing answered|Nothing listens|No connection/);
    await host.boot();
    await host.waitForSsh();
    await act(refreshHost, { hostId }, at.admin, origin);
    const back = await at.until(hostId, ({ condition }) => condition === "ready");
    expect(back.unreachableReason).toBeNull();
  });

  test("is served by another worker when the one that works on it is killed", async () => {
    // sshd accepts and says nothing: the job hangs in its login.
    await host.exec("pkill -STOP -o -x sshd");
    const { operationId } = await act(readAccounts, { hostId }, at.admin, origin);
    await untilState(operationId, "running");
    await at.worker.kill();
    await host.exec("pkill -CONT -o -x sshd");
    at.worker = await startWorkerInLab(at.lab, at.db);
    expect(await at.ended(hostId, operationId)).toMatchObject({ state: "done", error: null });
  });

  async function untilState(operationId: string, state: string) {
    while ((await read(getOperation, { hostId, operationId }, at.admin, origin)).state !== state)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  test("with other host keys stops everything, until a person re-pins the one it offers", async () => {
    const before = await at.viewOf(hostId);
    await host.replaceHostKeys();
    await act(readAccounts, { hostId }, at.admin, origin);
    const changed = await at.until(hostId, ({ condition }) => condition === "key_changed");
    expect(changed.pins).toEqual(before.pins);
    expect(fingerprintsOf(host)).toContain(changed.offered[0]?.fingerprint);
    const alarms = await at.db.activity.findMany({ where: { action: "host.key-changed", targetId: hostId } });
    expect(alarms.map((row) => [row.outcome, row.actorName])).toEqual([["refused", "Gatehouse"]]);
    await expect(act(readAccounts, { hostId }, at.admin, origin)).rejects.toMatchObject({ code: "conflict" });
    const foreign = { hostId, fingerprint: before.pins[0]?.fingerprint };
    await expect(act(repinHost, foreign, at.admin, origin)).rejects.toMatchObject({ code: "conflict" });
    await act(repinHost, { hostId, fingerprint: changed.offered[0]?.fingerprint }, at.admin, origin);
    const after = await at.until(hostId, ({ condition }) => condition === "ready");
    expect(after.pins.map((pin) => pin.fingerprint).sort()).toEqual(fingerprintsOf(host));
    expect(after.offered).toEqual([]);
  });

  test("is removed: the agent is gone, our key is refused, its past stays in the archive, the activity knows", async () => {
    await expect(act(removeHost, { hostId, name: "other" }, at.admin, origin)).rejects.toMatchObject({
      code: "invalid",
    });
    await act(removeHost, { hostId, name }, at.admin, origin);
    for (;;) {
      const operation = await at.db.operation.findFirst({ where: { hostId, kind: "remove" } });
      expect(operation?.error ?? null).toBeNull();
      if (operation?.state === "done") break;
      await pause();
    }
    const buried = await at.db.host.findUnique({
      where: { id: hostId },
      include: { files: true, pins: true },
    });
    expect(buried).toMatchObject({ state: "archived", managementKeySealed: null, managementPublicKey: null });
    expect(buried?.name).toMatch(new RegExp(`^${name}~removed-`));
    expect(buried?.files.length).toBeGreaterThan(0);
    expect(buried?.pins.every((pin) => pin.retiredAt !== null)).toBe(true);
    const gone = await host.exec(
      "! grep gatehouse /etc/passwd && ! ls /usr/local/libexec/gatehouse-agent /etc/sudoers.d/gatehouse",
    );
    expect(gone.code).toBe(0);
    const rows = await at.db.activity.findMany({ where: { action: "host.remove" }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => row.outcome)).toEqual(["intent", "done"]);
    expect(rows[1]?.intentSeq).toBe(rows[0]?.seq);
  });
});
