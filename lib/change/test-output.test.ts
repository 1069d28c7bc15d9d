import { expect, test } from "vitest";
import { parseTestOutput } from "@/lib/change/test-output";

test("both of sshd's ways to name a place lead to path and line", () => {
  const output = [
    "/etc/ssh/sshd_config: line 12: Bad configuration option: PermitRotLogin",
    "/etc/ssh/sshd_config line 7: Unsupported option GSSAPIAuthentication",
    '/etc/ssh/sshd_config.d/50 cloud.conf line 3: no argument after keyword "Port"',
    "/etc/ssh/sshd_config: terminating, 1 bad configuration options",
    "",
  ].join("\n");
  expect(parseTestOutput(output).map(({ path, line }) => [path, line])).toEqual([
    ["/etc/ssh/sshd_config", 12],
    ["/etc/ssh/sshd_config", 7],
    ["/etc/ssh/sshd_config.d/50 cloud.conf", 3],
    [null, null],
  ]);
});

test("a line of another form is kept as it is, without a place", () => {
  expect(parseTestOutput("Missing privilege separation directory: /run/sshd\r\n")).toEqual([
    { text: "Missing privilege separation directory: /run/sshd", path: null, line: null },
  ]);
});

test("endless output of a hostile host is cut", () => {
  const lines = parseTestOutput(`${"x".repeat(100_000)}\n`.repeat(300));
  expect(lines).toHaveLength(200);
  expect(lines[0]?.text).toHaveLength(1000);
});
