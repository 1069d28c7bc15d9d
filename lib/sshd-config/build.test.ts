import { expect, test } from "vitest";
import { builds, findBuild, newestBuild, spellVersion } from "@/lib/sshd-config/build";

test("a known package is found exactly", () => {
  for (const [text, id] of [
    ["1:9.2p1-2+deb12u3", "deb12-9.2p1"],
    ["OpenSSH_8.9p1 Ubuntu-3ubuntu0.10, OpenSSL 3.0.2", "ubuntu22.04-8.9p1"],
    ["SSH-2.0-OpenSSH_10.0p2 Debian-7", "deb13-10.0p1"],
    ["debsid-10.6p1", "debsid-10.6p1"],
  ] as const) {
    expect(findBuild(text)).toMatchObject({ build: { id }, exact: true, note: undefined });
  }
});

test("each of the nine is found by its own package version", () => {
  for (const [text, id] of [
    ["1:8.2p1-4ubuntu0.13", "ubuntu20.04-8.2p1"],
    ["1:8.4p1-5+deb11u3", "deb11-8.4p1"],
    ["1:8.9p1-3ubuntu0.10", "ubuntu22.04-8.9p1"],
    ["1:9.2p1-2+deb12u7", "deb12-9.2p1"],
    ["1:9.6p1-3ubuntu13.5", "ubuntu24.04-9.6p1"],
    ["1:9.9p1-3ubuntu3.1", "ubuntu25.04-9.9p1"],
    ["1:10.0p1-7+deb13u4", "deb13-10.0p1"],
    ["1:10.2p1-2ubuntu1", "ubuntu26.04-10.2p1"],
  ] as const) {
    expect(findBuild(text)).toMatchObject({ build: { id }, exact: true });
  }
  expect(findBuild("1:10.6p1-1", "debian")).toMatchObject({ build: { id: "debsid-10.6p1" }, exact: true });
});

test("packages of other distributions are checked as the nearest build, and never called exact", () => {
  for (const [text, system, id] of [
    ["9.9p1-3.fc41", "fedora 41", "ubuntu25.04-9.9p1"],
    ["10.0_p1-r7", "alpine 3.22", "deb13-10.0p1"],
    ["8.7p1-45.el9", "rocky 9.6", "deb11-8.4p1"],
    ["10.2p1-1", "arch", "ubuntu26.04-10.2p1"],
  ] as const) {
    const found = findBuild(text, system);
    expect(found).toMatchObject({ build: { id }, exact: false });
    expect(found.note).toContain(found.build.label);
  }
});

test("an unknown version falls to the nearest older one and says so", () => {
  expect(findBuild("OpenSSH_9.3p1, LibreSSL")).toMatchObject({ build: { id: "deb12-9.2p1" }, exact: false });
  expect(findBuild("OpenSSH_7.4p1").build).toBe(builds[0]);
  expect(findBuild("11.1p1").build).toBe(newestBuild);
  expect(findBuild("OpenSSH_9.3p1").note).toContain("OpenSSH 9.3p1 of");
  expect(findBuild("1:9.3p2-1").note).toContain("OpenSSH 9.3p2 of");
});

test("the same version of another distribution is not taken for exact", () => {
  expect(findBuild("OpenSSH_9.2p1 Ubuntu-4").exact).toBe(false);
  expect(findBuild("9.2p1", "fedora 38").exact).toBe(false);
});

test("text without a version falls to the newest and says so", () => {
  expect(findBuild("dropbear")).toMatchObject({ build: newestBuild, exact: false });
  expect(findBuild("dropbear").note).toContain("dropbear");
});

test("a version without patch level is completed from its package, and from no other", () => {
  expect(spellVersion("OpenSSH_9.2", "1:9.2p1-2+deb12u10")).toBe("OpenSSH_9.2p1");
  expect(spellVersion("OpenSSH_9.2p1 Debian-2+deb12u3", "1:9.2p1-2+deb12u10")).toBe(
    "OpenSSH_9.2p1 Debian-2+deb12u3",
  );
  expect(spellVersion("OpenSSH_9.9", "1:9.2p1-2")).toBe("OpenSSH_9.9");
  expect(spellVersion("OpenSSH_9.2", "")).toBe("OpenSSH_9.2");
});
