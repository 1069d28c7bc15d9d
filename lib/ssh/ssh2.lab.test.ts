import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, type LabHost, openLab } from "@/e2e/lab/lab";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { Secret } from "@/lib/secrets/secret";
import type { SshAuth } from "@/lib/ssh/authenticate";
import { fingerprintOf, generateManagementKey } from "@/lib/ssh/keys";
import { connect, lookAtHostKeys } from "@/lib/ssh/ssh2";

// The wrapper against a real sshd 10.0; a hostile other side is in ssh2.test.ts.

let lab: Lab;
let host: LabHost;
let place: { address: string; port: number };
beforeAll(async () => {
  lab = await openLab();
  host = await lab.start("trixie");
  place = await host.forward();
});
afterAll(() => lab.close());

const reach = (auth: SshAuth, username = "alice") =>
  connect({
    address: place.address,
    port: place.port,
    username,
    auth,
    pins: host.hostKeys.flatMap((line) => parsePublicKey(line) ?? []),
    timeoutSeconds: 20,
  });
const labKey = (): SshAuth => ({ kind: "key", privateKey: new Secret(readFileSync(lab.keyPath, "utf8")) });
const password = (text: string): SshAuth => ({ kind: "password", password: new Secret(text) });

test("shows the host keys that sshd has, with ssh-keygen's fingerprints", async () => {
  const shown = (await lookAtHostKeys(place.address, place.port)).map((key) => fingerprintOf(key.blob));
  const { stdout } = await host.exec("for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done");
  expect(shown.toSorted()).toEqual((stdout.match(/SHA256:\S+/g) ?? []).toSorted());
});

test("logs in by key, by password, and by keyboard-interactive where passwords go through PAM only", async () => {
  for (const auth of [labKey(), password("alice-pw")]) {
    const connection = await reach(auth);
    const result = await connection.exec("id -un; cat", {
      input: Buffer.from("in"),
      maxBytes: 1000,
      timeoutSeconds: 20,
    });
    expect([result.code, result.stdout.toString()]).toEqual([0, "alice\nin"]);
    connection.end();
  }
  await host.write(
    "/etc/ssh/sshd_config.d/10-pam.conf",
    "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n",
  );
  await host.exec("service ssh restart");
  await host.waitForSsh();
  const connection = await reach(password("alice-pw"));
  connection.end();
});

test("the endless output of a real host is cut at the cap", async () => {
  const connection = await reach(labKey());
  await expect(connection.exec("yes", { maxBytes: 500_000, timeoutSeconds: 60 })).rejects.toMatchObject({
    failure: "too-much-output",
  });
});

test("other host keys: refused, and the login is not even begun", async () => {
  const pins = host.hostKeys.flatMap((line) => parsePublicKey(line) ?? []);
  await host.replaceHostKeys();
  const attempt = connect({
    ...place,
    username: "alice",
    auth: password("alice-pw"),
    pins,
    timeoutSeconds: 20,
  });
  await expect(attempt).rejects.toMatchObject({ failure: "host-key-changed" });
  await host.restoreHostKeys();
});

test("failed logins end in sshd's penalty, which is told apart from a refusal", async () => {
  const stranger: SshAuth = { kind: "key", privateKey: generateManagementKey("stranger").privateKey };
  const failures: string[] = [];
  for (let i = 0; i < 12 && failures.at(-1) !== "cut-before-banner"; i++)
    failures.push(
      await reach(stranger).then(
        () => "in",
        (error) => error.failure,
      ),
    );
  expect(failures[0]).toBe("authentication-refused");
  expect(failures.at(-1)).toBe("cut-before-banner");
});
