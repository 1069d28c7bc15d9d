import { expect, test } from "vitest";
import { printAccessCsv, printAccessJson } from "@/lib/features/access/access-file";
import type { AccessPathView } from "@/lib/features/access/views";

const path: AccessPathView & { host: string; readAt: string } = {
  host: "web-1",
  readAt: "2026-11-23T05:00:00.000Z",
  account: "=cmd|' /C calc'!A0",
  from: ["10.0.0.0/8", "192.0.2.1"],
  to: null,
  steps: [
    {
      method: "publickey",
      factors: ["key"],
      key: {
        kind: "key",
        fingerprint: "SHA256:x",
        type: "ssh-ed25519",
        bits: 256,
        comment: "@sum\u001b[31m\u202e",
        principals: [],
      },
    },
    { method: "password", factors: ["password"], key: null },
  ],
  factors: 2,
  personName: null,
  forcedCommand: 'echo "hi", then\nmore',
  limits: [],
  why: [{ text: "UsePAM yes", source: "/etc/ssh/sshd_config:3" }],
  dependsOn: ["PAM"],
  lastUsedAt: null,
};

test("text of a host is neither a formula nor an escape in a spreadsheet, and one way is one row", () => {
  const [head, row, ...rest] = printAccessCsv([path]).split("\r\n");
  expect(rest).toEqual([""]);
  expect(head).toMatch(/^host,account,person,from,to,methods,factors,keys,key_comments,/);
  expect(row).toContain(`,"'=cmd|' /C calc'!A0",`);
  expect(row).toContain(",'@sum\\u001b[31m\\u202e,");
  expect(row).toContain('"echo ""hi"", then\\u000amore"');
  expect(row).toContain(`,"publickey,password",2,SHA256:x,`);
});

test("JSON holds what the page shows", () => {
  expect(JSON.parse(printAccessJson([path]))).toEqual([path]);
});
