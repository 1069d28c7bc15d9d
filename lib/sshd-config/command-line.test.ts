import { expect, test } from "vitest";
import { type BuildId, buildById } from "@/lib/sshd-config/build";
import { sourceOf } from "@/lib/sshd-config/include";
import { dumpConfiguration, testConfiguration } from "@/lib/sshd-config/sshd";
import { unknownWorld } from "@/lib/sshd-config/world";

const path = "/etc/ssh/sshd_config";
const world = {
  ...unknownWorld,
  accounts: new Map([["sshd", { home: "/run/sshd", groups: [] }]]),
  hosts: new Map([
    ["localhost", ["127.0.0.1", "::1"]],
    ["ip6-localhost", ["::1"]],
  ]),
};

function dump(id: BuildId, text: string, specification?: string, args: string[] = []) {
  const key = { mode: 0o600, content: "private" as const, publicKey: "x" };
  const tested = testConfiguration({
    build: buildById(id)!,
    world,
    source: sourceOf([{ path, text }]),
    keys: (file) => (file === "/etc/ssh/ssh_host_ed25519_key" ? key : undefined),
    path,
    args,
  });
  return dumpConfiguration(tested, specification);
}

const lines = (id: BuildId, text: string, keyword: string) =>
  dump(id, text)
    .stdout.split("\n")
    .filter((line) => line.startsWith(`${keyword} `));

test("an odd -C is refused after the -o before it have said what they have to say", () => {
  const args = ["-o", "UsePrivilegeSeparation no"];
  expect(dump("deb13-10.0p1", "", "lport=22x", args)).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "command-line line 0: Deprecated option UsePrivilegeSeparation\r\n" +
      "Invalid port '22x' in test mode specification lport=22x\n",
  });
});

test("-C invalid-user is known from 9.9 on", () => {
  expect(dump("ubuntu24.04-9.6p1", "", "invalid-user").code).toBe(1);
  expect(dump("ubuntu25.04-9.9p1", "", "invalid-user").code).toBe(0);
});

test("asked for IPv4, ::1 of /etc/hosts is 127.0.0.1; of several lines the first that fits counts", () => {
  const listen = (text: string) => lines("deb12-9.2p1", text, "listenaddress");
  expect(listen("AddressFamily inet\nListenAddress ip6-localhost\n")).toEqual(["listenaddress 127.0.0.1:22"]);
  expect(listen("AddressFamily inet6\nListenAddress localhost\n")).toEqual(["listenaddress [::1]:22"]);
  expect(listen("ListenAddress localhost\n")).toEqual(["listenaddress 127.0.0.1:22"]);
});
