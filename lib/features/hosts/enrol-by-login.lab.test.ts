import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { POST as postReport } from "@/app/api/install/report/route";
import { GET as getScript } from "@/app/api/install/script/route";
import type { LabHost } from "@/e2e/lab/lab";
import { enrolByLogin, lookAtOfferedKeys } from "@/lib/features/hosts/enrol-commands";
import type { EnrolByLoginInput } from "@/lib/features/hosts/schema";
import { origin } from "@/lib/testing/arrange";
import { fingerprintsOf, openHostLab } from "@/lib/testing/lab-hosts";
import { act } from "@/lib/usecase";

const at = await openHostLab({ getScript, postReport });
const keys = mkdtempSync(path.join(tmpdir(), "gatehouse-login-"));
afterAll(() => rmSync(keys, { recursive: true }));

describe("by a login", () => {
  type Login = Pick<z.input<typeof EnrolByLoginInput>, "username" | "credential" | "sudoPassword">;

  async function compare(hostId: string) {
    const view = await at.until(hostId, ({ enrolment }) => enrolment?.state === "compare");
    return view.enrolment ?? expect.fail("no enrolment");
  }
  async function logIn(host: LabHost, login: Login) {
    const { hostId, name } = await at.add(host, "login");
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
      at.admin,
      origin,
    );

  test.each(["bookworm", "trixie", "bullseye"] as const)(
    "on %s with a key, and sudo without a password",
    async (tree) => {
      const host = await at.lab.start(tree);
      const { hostId } = await logIn(host, {
        username: "admin",
        credential: { kind: "key", privateKey: readFileSync(at.lab.keyPath, "utf8") },
      });
      const view = await at.until(hostId, ({ condition }) => condition === "ready");
      expect(view.pins.map((pin) => pin.fingerprint).sort()).toEqual(fingerprintsOf(host));
      expect(view.enrolment?.log).toContain("Installed");
    },
  );

  test("with a password and a sudo that asks for it; the password is nowhere afterwards", async () => {
    const host = await at.lab.start("bookworm");
    await host.exec("usermod -aG sudo alice");
    const { hostId } = await logIn(host, {
      username: "alice",
      credential: { kind: "password", password: "alice-pw" },
    });
    await at.until(hostId, ({ condition }) => condition === "ready");
    expect(await at.everythingStored()).not.toContain("alice-pw");
    expect((await host.exec("cat /var/log/*.log /root/* 2>/dev/null; true")).stdout).not.toContain(
      "alice-pw",
    );
  });

  test("as root, with a key that has a passphrase", async () => {
    const host = await at.lab.start("bookworm");
    const file = path.join(keys, "root");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "open sesame", "-f", file]);
    await host.exec("mkdir -p -m 700 /root/.ssh && cat >/root/.ssh/authorized_keys", {
      input: readFileSync(`${file}.pub`),
    });
    const { hostId } = await at.add(host, "login");
    const privateKey = readFileSync(file, "utf8");
    await enrol(hostId, await compare(hostId), { username: "root", credential: { kind: "key", privateKey } });
    const asked = await at.until(
      hostId,
      ({ enrolment }) => enrolment?.error !== null && enrolment?.state === "compare",
    );
    expect(asked.enrolment?.error).toContain("passphrase");
    const credential = { kind: "key", privateKey, passphrase: "open sesame" } as const;
    await enrol(hostId, asked.enrolment ?? expect.fail(), { username: "root", credential });
    await at.until(hostId, ({ condition }) => condition === "ready");
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
    const host = await at.lab.start("bookworm");
    const { hostId } = await logIn(host, login);
    const view = await at.until(hostId, ({ enrolment }) => enrolment?.error !== null);
    expect(view.enrolment?.error).toContain(words);
    expect(view.condition).toBe("enrolling");
    expect((await host.exec("ls /usr/local/libexec; cat /etc/passwd")).stdout).not.toContain("gatehouse");
  });

  test("a host whose key changed after the comparison gets nothing", async () => {
    const host = await at.lab.start("bookworm");
    const { hostId } = await at.add(host, "login");
    const enrolment = await compare(hostId);
    await host.replaceHostKeys();
    await enrol(hostId, enrolment, {
      username: "alice",
      credential: { kind: "password", password: "alice-pw" },
    });
    const view = await at.until(hostId, (now) => now.enrolment?.state === "failed");
    expect(view.enrolment?.error).toContain("Nothing was sent");
    const again = await act(lookAtOfferedKeys, { hostId }, at.admin, origin);
    expect((await compare(hostId)).id).toBe(again.enrolmentId);
  });
});
