import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { nextBuilds, previewUpgrade } from "@/lib/sshd-config/upgrade";

const main = "/etc/ssh/sshd_config";
const preview = (text: string, from: string, to: string) =>
  previewUpgrade([{ path: main, text }], buildById(from)!, buildById(to)!);
const lines = (text: string, from: string, to: string) =>
  preview(text, from, to)
    .filter((item) => item.place)
    .map((item) => `${item.place?.line} ${item.kind} ${item.code}`);

test("the next builds are those of the same distribution, then the newest of all", () => {
  const next = (id: string) => nextBuilds(buildById(id)!).map((b) => b.id);
  expect(next("deb12-9.2p1")).toEqual(["deb13-10.0p1", "debsid-10.6p1"]);
  expect(next("ubuntu24.04-9.6p1")).toEqual(["ubuntu25.04-9.9p1", "ubuntu26.04-10.2p1", "debsid-10.6p1"]);
  expect(next("debsid-10.6p1")).toEqual([]);
});

test("a keyword that went is refused, one that lost its meaning is ignored", () => {
  expect(lines("PAMAuthenticationViaKbdInt yes\n", "deb13-10.0p1", "debsid-10.6p1")).toEqual([
    "1 refused unknown-keyword",
  ]);
  expect(lines("GSSAPIKeyExchange no\nGSSAPIAuthentication yes\n", "deb13-10.0p1", "debsid-10.6p1")).toEqual([
    "1 refused unknown-keyword",
    "2 ignored no-effect",
  ]);
});

test("algorithms that went are named, in lines and in defaults", () => {
  const [refused] = preview("HostKeyAlgorithms +ssh-dss\n", "deb12-9.2p1", "deb13-10.0p1");
  expect(refused).toMatchObject({ kind: "refused", place: { line: 1 } });
  const gone = preview("", "deb12-9.2p1", "deb13-10.0p1").find((i) => i.what.includes("KexAlgorithms"));
  expect(gone).toMatchObject({
    kind: "differs",
    severity: "warning",
    code: "algorithms-gone",
    place: undefined,
  });
  expect(gone?.advice).toContain("KexAlgorithms +diffie-hellman-group-exchange-sha256,");
});

test("a list relative to the default is told when the default moves under it", () => {
  const items = preview("PubkeyAcceptedKeyTypes +ssh-dss\n", "deb11-8.4p1", "deb12-9.2p1");
  expect(items.find((i) => i.code === "algorithms-gone" && i.place?.line === 1)?.what).toContain("ssh-rsa");
});

test("quotes and comments that the later generation reads otherwise", () => {
  expect(lines("Match User bob\nForceCommand /bin/x # only this\n", "deb11-8.4p1", "deb12-9.2p1")).toContain(
    "2 differs read-otherwise",
  );
  expect(lines("Banner '/etc/a'\n", "deb11-8.4p1", "deb12-9.2p1")).toEqual(["1 differs read-otherwise"]);
  expect(lines('Match User "al ice"\nBanner /b\n', "deb11-8.4p1", "deb12-9.2p1")).toEqual([]);
});

test("a value that comes to something else is told with both", () => {
  const [item] = preview("LoginGraceTime 1m5s\n", "ubuntu20.04-8.2p1", "ubuntu22.04-8.9p1").filter(
    (i) => i.place,
  );
  expect(item).toMatchObject({ code: "means-otherwise", place: { line: 1 } });
  expect(item?.what).toContain('"65"');
  expect(item?.what).toContain('"360"');
});

test("first value wins where the last one did", () => {
  expect(lines("MaxStartups 10:30:60\nMaxStartups 20:30:60\n", "deb13-10.0p1", "debsid-10.6p1")).toContain(
    "1 differs means-otherwise",
  );
});

test("another spelling of the same value is no difference", () => {
  expect(
    lines("PermitRootLogin without-password\nTCPKeepAlive yes\n", "deb12-9.2p1", "debsid-10.6p1"),
  ).toEqual([]);
  expect(lines("ChallengeResponseAuthentication no\n", "deb11-8.4p1", "deb12-9.2p1")).toEqual([]);
});

test("what only a Match block sets is compared too", () => {
  expect(lines("Match User bob\nPubkeyAcceptedKeyTypes +ssh-dss\n", "deb11-8.4p1", "deb12-9.2p1")).toContain(
    "2 differs algorithms-gone",
  );
});

test("a penalty that comes by default is told", () => {
  expect(preview("", "deb12-9.2p1", "deb13-10.0p1").map((i) => i.code)).toContain("new-default");
  expect(preview("", "deb13-10.0p1", "deb13-10.0p1")).toEqual([]);
});
