import { expect, test } from "vitest";
import { printHostsCsv, printHostsJson } from "@/lib/features/hosts/host-file";
import type { HostRow } from "@/lib/features/hosts/views";

const host: HostRow = {
  id: "7f4a0f8e-5a0d-4a53-9c3f-0f6f6a0a0001",
  name: "web-1",
  address: "10.0.0.1",
  port: 22,
  tags: ["prod", "eu"],
  condition: "ready",
  unreachableReason: null,
  seenAt: "2026-01-02T03:04:05.000Z",
  sshdVersion: "OpenSSH_9.2p1 Debian-2",
  osName: 'Debian "12"',
  agentVersion: "1.0.0",
  agentOutdated: false,
  drifted: false,
  pendingChange: null,
};

test("a host is one line under the names of the columns", () => {
  const [names, line, end] = printHostsCsv([host]).split("\r\n");
  expect(names).toBe("name,address,port,tags,state,drifted,openssh,system,agent,seen,reason");
  expect(line).toBe(
    'web-1,10.0.0.1,22,"prod eu",ready,no,"OpenSSH_9.2p1 Debian-2","Debian ""12""",1.0.0,2026-01-02T03:04:05.000Z,',
  );
  expect(end).toBe("");
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("%j is no formula in a spreadsheet", (osName) => {
  const line = printHostsCsv([{ ...host, osName }]).split("\r\n")[1] ?? "";
  expect(line).toMatch(/,"?'/);
});

test("what a host says can neither break its row nor reach a terminal", () => {
  const text = printHostsCsv([{ ...host, osName: "a\r\nb\u001b[2J\u202e" }]);
  expect(text.split("\r\n")).toHaveLength(3);
  expect(text).not.toMatch(/\u001b|\u202e/);
});

test("JSON comes back as it was", () => {
  expect(JSON.parse(printHostsJson([host]))).toEqual([host]);
});
