import { expect, test } from "vitest";
import { buildById, newestBuild } from "@/lib/sshd-config/build";
import { evaluate } from "@/lib/sshd-config/evaluate";
import type { Connection } from "@/lib/sshd-config/match";
import { readWorld } from "@/lib/sshd-config/world";

const bookworm = buildById("deb12-9.2p1")!;
const main = "/etc/ssh/sshd_config";

function values(text: string, keyword: string, connection: Connection = {}, build = bookworm) {
  const { settings, refused } = evaluate([{ path: main, text }], connection, build);
  if (refused !== undefined) return refused;
  return settings?.filter((s) => s.keyword.toLowerCase() === keyword).map((s) => s.value);
}

test("the first value wins, and a satisfied Match block beats an earlier global line", () => {
  const text = "Banner /a\nBanner /b\nMatch User alice\n  Banner /c\nMatch User *\n  Banner /d\n";
  expect(values(text, "banner")).toEqual(["/a"]);
  expect(values(text, "banner", { user: "alice" })).toEqual(["/c"]);
  expect(values(text, "banner", { user: "bob" })).toEqual(["/d"]);
});

test("Match all overrides what stands before it", () => {
  expect(values("Banner /a\nMatch all\nBanner /b\n", "banner")).toEqual(["/b"]);
});

test("a list in a Match block replaces the global list", () => {
  const text = "AllowUsers a\nAllowUsers b\nMatch Address 10.0.0.0/8\nAllowUsers c\n";
  expect(values(text, "allowusers")).toEqual(["a", "b"]);
  expect(values(text, "allowusers", { address: "10.1.1.1" })).toEqual(["c"]);
});

test("Match Group looks at all groups of the account", () => {
  const world = readWorld({
    passwd: "alice:x:1000:1000::/home/alice:/bin/sh\n",
    group: "alice:x:1000:\nops:x:5:bob,alice\n",
    services: "",
    hosts: "",
  });
  const files = [{ path: main, text: "Match Group ops\nX11Forwarding yes\n" }];
  const { settings } = evaluate(files, { user: "alice" }, bookworm, world);
  expect(settings?.find((s) => s.keyword === "x11forwarding")?.value).toBe("yes");
});

test("every value knows the file and line it came from, a default knows none", () => {
  const files = [
    { path: main, text: "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nPort 2222\n" },
    { path: "/etc/ssh/sshd_config.d/50.conf", text: "\nPasswordAuthentication no\n" },
  ];
  const { settings = [] } = evaluate(files, {}, bookworm);
  const places = (keyword: string) =>
    settings.filter((s) => s.keyword === keyword).flatMap((s) => s.origins.map((o) => `${o.path}:${o.line}`));
  expect(places("passwordauthentication")).toEqual(["/etc/ssh/sshd_config.d/50.conf:2"]);
  expect(places("banner")).toEqual([]);
  expect(new Set(places("port"))).toEqual(new Set([`${main}:2`, `${main}:3`]));
});

test("a Match inside an included file ends with that file", () => {
  const files = [
    { path: main, text: "Include /etc/ssh/m.conf\nBanner /global\n" },
    { path: "/etc/ssh/m.conf", text: "Match User alice\nBanner /alice\n" },
  ];
  const banner = (user: string) =>
    evaluate(files, { user }, bookworm).settings?.find((s) => s.keyword === "banner")?.value;
  expect(banner("alice")).toBe("/alice");
  expect(banner("bob")).toBe("/global");
});

test("keyboard-interactive is on when either of its two old names says so", () => {
  const focal = buildById("ubuntu20.04-8.2p1")!;
  const text = "KbdInteractiveAuthentication no\n";
  expect(values(text, "kbdinteractiveauthentication", {}, focal)).toEqual(["yes"]);
  expect(values(text, "kbdinteractiveauthentication")).toEqual(["no"]);
});

test("algorithm lists are put together against the default", () => {
  const list = values("CASignatureAlgorithms -*nistp*,rsa*\n", "casignaturealgorithms");
  expect(list).toEqual(["ssh-ed25519,sk-ssh-ed25519@openssh.com"]);
});

test("what sshd refuses is refused in its own words", () => {
  expect(values("PermitRootLogin perhaps\n", "permitrootlogin", {}, newestBuild)).toBe(
    `${main} line 1: unsupported option "perhaps".`,
  );
  expect(values("PubkeyAuthentication no\nAuthenticationMethods publickey\n", "port")).toEqual(["22"]);
});
