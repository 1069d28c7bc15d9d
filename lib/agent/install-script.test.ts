import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { printInstallCommand, renderInstallScript, reportMac } from "@/lib/agent/install-script";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { generateManagementKey } from "@/lib/ssh/keys";

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-install-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { publicKey } = generateManagementKey("gatehouse:test");
const hostId = "11111111-1111-4111-8111-111111111111";
const script = renderInstallScript(shippedAgent(), {
  hostId,
  publicKey,
  reportUrl: "http://192.0.2.1:3000/api/install/report",
});

describe("the install script", () => {
  test.each(["dash", "bash"])("is a valid script for %s", (shell) => {
    expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  test("does nothing before its last line: a script that is cut off anywhere only defines", () => {
    const withoutTexts = script.replace(/^cat <<'(\w+)'\n[\s\S]*?\n\1$/gm, ":");
    const withoutFunctions = withoutTexts
      .replace(/^\w+\(\) \{ .* \}$/gm, "")
      .replace(/^\w+\(\) \{\n[\s\S]*?\n\}$/gm, "");
    const commands = withoutFunctions.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(commands.pop()).toBe("main");
    for (const command of commands)
      expect(command).toMatch(/^(set -u|umask 077|export \w+|[A-Z0-9_]+=('[^']*'|[\w:/]*))$/);
  });

  test.each([
    ["a quote in the address", { reportUrl: "http://x/'; rm -rf /'" }],
    ["a newline in the id", { hostId: "a\nb" }],
    ["two keys", { publicKey: `${publicKey}\n${publicKey}` }],
    ["options in front of the key", { publicKey: `command="x" ${publicKey}` }],
  ])("refuses %s", (_, wrong) => {
    const options = { hostId, publicKey, reportUrl: null, ...wrong };
    expect(() => renderInstallScript(shippedAgent(), options)).toThrow(RangeError);
  });
});

describe("the report's MAC", () => {
  /** The function as the script has it, under a real sh. */
  const sha256Of = /^sha256_of\(\).*$/m.exec(script)?.[0];
  const macOf = /^report_mac\(\) \{[\s\S]*?^\}$/m.exec(script)?.[0];

  test("is the same in sh and here, whatever the report", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const report = path.join(folder, "report");
        writeFileSync(report, bytes);
        const mac = execFileSync("sh", ["-s"], {
          input: `${sha256Of}\n${macOf}\nreport_mac s3cret ${report}\n`,
          encoding: "utf8",
        });
        expect(mac.trim()).toBe(reportMac("s3cret", bytes));
      }),
      { numRuns: 25 },
    );
  });

  test("differs for another secret and another report", () => {
    const report = Buffer.from("hostkey.1=ssh-ed25519 AAAA\n");
    const macs = [
      reportMac("a", report),
      reportMac("b", report),
      reportMac("a", Buffer.concat([report, report])),
    ];
    expect(new Set(macs).size).toBe(3);
  });
});

describe("the install command", () => {
  const options = {
    baseUrl: "https://gatehouse.example.org",
    hostId,
    scriptSha256: "0".repeat(64),
    secret: "ab".repeat(32),
  };
  const command = printInstallCommand(options);

  test("is one line without what any shell would expand inside its quotes", () => {
    expect(command).not.toContain("\n");
    expect(command.match(/'/g)).toHaveLength(2);
    expect(command).not.toMatch(/[\\!`]/);
    expect(command.startsWith(" ")).toBe(true);
  });

  test.each(["dash", "bash"])("is valid in %s, and so is what it feeds to sh", (shell) => {
    expect(spawnSync(shell, ["-n"], { input: command }).status).toBe(0);
    expect(spawnSync("sh", ["-n"], { input: /'(.*)'/.exec(command)?.[1] }).status).toBe(0);
  });

  test("carries the secret outside of the address and of every argument", () => {
    const url = /u="([^"]*)"/.exec(command)?.[1];
    expect(url).toBe(`https://gatehouse.example.org/api/install/script?host=${hostId}`);
    expect(command.split(options.secret)).toHaveLength(2);
    expect(command).toContain(`k=${options.secret};`);
  });
});
