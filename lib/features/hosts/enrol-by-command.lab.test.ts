import { beforeAll, describe, expect, test } from "vitest";
import { POST as postReport } from "@/app/api/install/report/route";
import { GET as getScript } from "@/app/api/install/script/route";
import type { LabHost } from "@/e2e/lab/lab";
import { makeInstallCommand } from "@/lib/features/hosts/enrol-commands";
import { origin } from "@/lib/testing/arrange";
import { fingerprintsOf, honest, openHostLab, paste } from "@/lib/testing/lab-hosts";
import { act } from "@/lib/usecase";

const at = await openHostLab({ getScript, postReport });
const answerHonestly = honest({ getScript, postReport });

describe("by the install command", () => {
  test("root pastes it: agent, account and key are there, all host keys are pinned, and only then it is managed", async () => {
    const host = await at.lab.start("bookworm");
    const { hostId } = await at.add(host, "command");
    const { code, stdout, stderr } = await paste(host, await at.commandFor(hostId));
    expect(`${stdout}${stderr}`).toContain("is installed");
    expect(code).toBe(0);
    const view = await at.until(hostId, ({ condition }) => condition === "ready");
    expect(view.pins.map((pin) => pin.fingerprint).sort()).toEqual(fingerprintsOf(host));
    expect(view.pins.every((pin) => pin.origin === "install report")).toBe(true);
    expect(view.facts).toMatchObject({
      os: expect.stringContaining("Debian"),
      originalKept: true,
    });
    // The host tells whole seconds.
    expect(Math.abs(view.facts?.clockOffsetSeconds ?? 99)).toBeLessThanOrEqual(2);
    expect(view.enrolment?.state).toBe("done");
    const rows = await at.db.activity.findMany({ where: { targetId: hostId }, orderBy: { seq: "asc" } });
    expect(rows.map((row) => `${row.action} ${row.outcome}`)).toEqual([
      "host.add done",
      "host.install-command done",
      "host.report done",
      "host.enrol done",
    ]);
  });

  test("an admin with sudo pastes it, on a server that has only wget", async () => {
    const host = await at.lab.start("trixie");
    await host.exec(
      "rm -f /usr/bin/curl; command -v wget || ln -s /usr/bin/busybox /usr/bin/wget; chmod 755 /usr/bin/wget",
    );
    const { hostId } = await at.add(host, "command");
    const command = await at.commandFor(hostId);
    const { ok, stdout, stderr } = await host.login("admin", { command, timeoutSeconds: 100 });
    expect(ok, stdout + stderr).toBe(true);
    await at.until(hostId, ({ condition }) => condition === "ready");
  });

  test("a server without sshd gets it first", async () => {
    const host = await at.lab.start("bookworm", { withoutSshd: true });
    const { hostId } = await at.add(host, "command");
    const { code, stderr } = await paste(host, await at.commandFor(hostId));
    expect(code, stderr).toBe(0);
    await at.until(hostId, ({ condition }) => condition === "ready");
  });

  test("its secret is in no argument list while it runs, and in no row afterwards", async () => {
    const host = await at.lab.start("bookworm");
    const { hostId } = await at.add(host, "command");
    const command = await at.commandFor(hostId);
    const secret = /k=([0-9a-f]{64})/.exec(command)?.[1] ?? expect.fail("no secret");
    const watch = `( while sleep 0.02; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done >/root/seen ) & `;
    const { code } = await host.exec(`${watch} sh; kill $!`, { input: `${command}\n`, timeoutSeconds: 100 });
    expect(code).toBe(0);
    const seen = await host.read("/root/seen");
    expect(seen).toContain("install");
    expect(seen).not.toContain(secret);
    expect(await at.everythingStored()).not.toContain(secret);
  });

  describe("with a man in the middle on plain http", () => {
    let host: LabHost;
    let hostId: string;
    let command: string;
    beforeAll(async () => {
      host = await at.lab.start("bookworm");
      ({ hostId } = await at.add(host, "command"));
      command = await at.commandFor(hostId);
    });

    test("a script that he altered is not run", async () => {
      at.door.answerWith(async (request) => {
        const script = await (await answerHonestly(request)).text();
        return new Response(script.replace("set -u", "touch /owned; set -u"));
      });
      const { code, stdout } = await paste(host, command);
      at.door.answerWith(answerHonestly);
      expect(code).not.toBe(0);
      expect(stdout).toContain("Nothing was run");
      expect((await host.exec("ls /owned /usr/local/libexec/gatehouse-agent")).code).not.toBe(0);
    });

    test("a report that he altered or made up is refused, said once, and pins nothing", async () => {
      const bodies: Buffer[] = [];
      at.door.answerWith(async (request) => {
        if (request.method !== "POST") return answerHonestly(request);
        const body = Buffer.from(await request.arrayBuffer());
        bodies.push(body);
        const altered = body.toString("latin1").replace(/^hostkey\.1=/m, "hostkey.2=");
        expect(altered).not.toBe(body.toString("latin1"));
        return answerHonestly(
          new Request(request.url, { method: "POST", body: Buffer.from(altered, "latin1") }),
        );
      });
      const { code, stdout, stderr } = await paste(host, command);
      at.door.answerWith(answerHonestly);
      expect(code, stdout + stderr).not.toBe(0);
      const view = await at.viewOf(hostId);
      expect(view.pins).toEqual([]);
      expect(view.condition).toBe("enrolling");
      expect(view.enrolment?.error).toContain("refused");

      const genuine = bodies[0] ?? expect.fail("no report came");
      const post = async (body: Buffer) =>
        (
          await answerHonestly(
            new Request("http://gateway/api/install/report", { method: "POST", body: new Uint8Array(body) }),
          )
        ).text();
      expect(await post(Buffer.concat([genuine, Buffer.from("hostkey.9=x\n")]))).toContain("refused");
      expect(await post(genuine)).toContain("done");
      expect(await post(genuine), "a replay").toContain("refused");
      await at.until(hostId, ({ condition }) => condition === "ready");
      const refusals = await at.db.activity.count({
        where: { targetId: hostId, action: "host.report", outcome: "refused" },
      });
      expect(refusals).toBe(1);
    });
  });

  test("an older command stops working when a new one is made", async () => {
    const host = await at.lab.start("bookworm");
    const { hostId } = await at.add(host, "command");
    const older = await at.commandFor(hostId);
    await act(makeInstallCommand, { hostId }, at.admin, origin);
    const { stdout, stderr } = await paste(host, older);
    expect(stdout + stderr).toContain("refused");
    expect((await at.viewOf(hostId)).condition).toBe("enrolling");
  });
});
