import { expect, test } from "vitest";
import { type Build, buildById, builds } from "@/lib/sshd-config/build";
import { dumpSettings, printDump } from "@/lib/sshd-config/dump";
import { evaluate } from "@/lib/sshd-config/evaluate";
import type { Scope } from "@/lib/sshd-config/scope";
import { generateCases } from "@/lib/sshd-config/testing/generate";
import { readTree } from "@/lib/sshd-config/validate";
import { unknownWorld } from "@/lib/sshd-config/world";

const path = "/etc/ssh/sshd_config";
const scopesOf = (text: string, build: Build = buildById("deb12-9.2p1")!) =>
  readTree({ path, files: [{ path, text }], build, world: unknownWorld, host: {} }).scopes;

test("a block's own value holds for it, else that of everyone, else the default", () => {
  const [everyone, block] = scopesOf("Banner /a\nMaxSessions 3\nMatch User bob\n  Banner /b\n");
  expect(block?.value("banner")).toBe("/b");
  expect(block?.value("maxsessions")).toBe("3");
  expect(block?.value("maxauthtries")).toBe("6");
  expect(everyone.value("banner")).toBe("/a");
  expect(block?.own("maxsessions")).toEqual([]);
  expect(block?.own("banner")[0]?.origin).toMatchObject({ path, line: 4 });
});

test("Match all is no scope of its own and overrides global lines", () => {
  const scopes = scopesOf("Banner /a\nMatch all\nBanner /b\n");
  expect(scopes).toHaveLength(1);
  expect(scopes[0].value("banner")).toBe("/b");
});

test("lists of algorithms are those that sshd works with", () => {
  const [everyone, block] = scopesOf("Ciphers -aes*\nMatch User b\nPubkeyAcceptedAlgorithms +ssh-rsa\n");
  expect(everyone.algorithms("ciphers")).toEqual(["chacha20-poly1305@openssh.com"]);
  expect(block?.algorithms("pubkeyacceptedalgorithms")).toContain("ssh-rsa");
  expect(block?.algorithms("ciphers")).toEqual(["chacha20-poly1305@openssh.com"]);
});

test.each(builds)("$id: what holds for everyone is what sshd -T prints for a stranger", (build) => {
  let compared = 0;
  for (const { files } of generateCases(11, 60, { odd: 0 })) {
    const tree = Object.entries(files).flatMap(([name, text]) =>
      typeof text === "string" ? [{ path: name, text }] : [],
    );
    tree.sort((a, b) => Number(b.path === path) - Number(a.path === path));
    const evaluated = evaluate(tree, { user: "nobody-of-all", address: "203.0.113.77" }, build);
    const context = readTree({ path, files: tree, build, world: unknownWorld, host: {} });
    if (evaluated.settings === undefined || context.of("Match").length > 0) continue;
    compared++;
    expect(print(context.scopes[0], build)).toBe(printDump(withoutListen(evaluated.settings)));
  }
  expect(compared).toBeGreaterThan(5);
});

const withoutListen = <T extends { keyword: string }>(lines: readonly T[]) =>
  lines.filter(({ keyword }) => keyword.toLowerCase() !== "listenaddress");
const print = (scope: Scope, build: Build) => printDump(dumpSettings(scope.settings, [], build));

test.each(builds)("$id: what holds in the only block is what sshd -T prints for its account", (build) => {
  const lines = [
    "PasswordAuthentication no",
    "Banner /b",
    "AllowUsers bob carol",
    "AuthorizedKeysFile .ssh/keys /etc/keys/%u",
    "ForceCommand internal-sftp",
    "PubkeyAcceptedKeyTypes +ssh-rsa",
    "MaxSessions 2",
    "ChrootDirectory none",
  ];
  const text = `Banner /a\nMaxSessions 5\nPermitRootLogin no\nMatch User bob\n  ${lines.join("\n  ")}\n`;
  const block = scopesOf(text, build)[1];
  const evaluated = evaluate([{ path, text }], { user: "bob" }, build);
  const printed = new Map<string, string[]>();
  for (const { keyword, value } of evaluated.settings ?? []) {
    const key = keyword.toLowerCase();
    printed.set(key, [...(printed.get(key) ?? []), value]);
  }
  expect(printed.size).toBeGreaterThan(50);
  for (const key of [
    "banner",
    "passwordauthentication",
    "allowusers",
    "forcecommand",
    "maxsessions",
    "permitrootlogin",
  ])
    expect(
      block?.held(key).map((held) => held.value),
      key,
    ).toEqual(printed.get(key));
  expect(
    block
      ?.held("authorizedkeysfile")
      .map((h) => h.value)
      .join(" "),
  ).toBe(printed.get("authorizedkeysfile")?.[0]);
  const keyTypes = build.release < 805 ? "pubkeyacceptedkeytypes" : "pubkeyacceptedalgorithms";
  expect(block?.algorithms(keyTypes).join(",")).toBe(printed.get(keyTypes)?.[0]);
});
