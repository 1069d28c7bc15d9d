import { describe, expect, test } from "vitest";
import { readCodes } from "@/lib/agent/read-codes";

const headers = {
  pattern: "/var/lib/google-authenticator/x",
  as: "root",
  inforce: "1",
  nullok: "0",
  reason: "",
  clock: "1795388967.5",
  module: "20191231-2",
  present: "1",
  cut: "0",
  files: "2",
};
const row = (name: string, lines: number, more: Partial<Record<number, string>> = {}) =>
  Object.assign(
    [name, "1000", `/var/x/${name}`, "file", "400", "0", "120", "1", String(lines), "-"],
    more,
  ).join("\t");
const body = `${row("alice", 4)}\n-\n" GATEHOUSE abc\n" TOTP_AUTH\n--------\n${row("bob", 0, { 3: "odd", 9: "It is a link." })}\n`;

describe("the state files of a host", () => {
  test("come with what they say, and with why one is of no use", () => {
    const { codes, clockSeconds } = readCodes({ headers, body: Buffer.from(body) });
    expect(clockSeconds).toBe(1795388967.5);
    expect(codes).toMatchObject({ readAs: "root", isInForce: true, isOptional: false, hasModule: true });
    expect(codes.files).toMatchObject([
      {
        account: "alice",
        state: "file",
        kind: "totp",
        hasSecret: true,
        scratchCodes: 1,
        writtenBy: "abc",
        reason: "",
      },
      { account: "bob", state: "odd", kind: null, hasSecret: false, reason: "It is a link." },
    ]);
  });

  test.each([
    ["fewer rows than it tells", { ...headers, files: "3" }, body],
    ["fewer lines than a row tells", { ...headers, files: "1" }, `${row("alice", 9)}\n-\n`],
    ["a row that is none", { ...headers, files: "1" }, "alice\n"],
    ["a mode that is none", { ...headers, files: "1" }, `${row("alice", 0, { 4: "rw" })}\n`],
    ["no end", { ...headers, files: "1" }, row("alice", 0)],
    ["a clock that is none", { ...headers, clock: "now" }, body],
  ])("with %s are malformed", (_, given, text) => {
    expect(() => readCodes({ headers: given, body: Buffer.from(text) })).toThrow('answered "read-codes"');
  });
});
