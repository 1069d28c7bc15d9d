import { expect, test } from "vitest";
import { CheckHeaders } from "@/lib/agent/answers";
import { readCheck } from "@/lib/agent/read-answer";

const checkOf = (own: Record<string, string>) => {
  const headers = { "t.code": "0", "t.bytes": "0", ...own };
  return readCheck(CheckHeaders.parse(headers), { headers, body: Buffer.alloc(0) }, 0);
};

test("what the host says of our account is told, and no key file is a fact of its own", () => {
  expect(checkOf({ "own.groups": "gatehouse ssh-users", "own.key": "/k/gatehouse" }).own).toEqual({
    groups: ["gatehouse", "ssh-users"],
    keyFile: "/k/gatehouse",
  });
  expect(checkOf({ "own.groups": "gatehouse", "own.key": "" }).own).toEqual({
    groups: ["gatehouse"],
    keyFile: null,
  });
});

test("an agent that says nothing of it, or half of it, leaves it unknown", () => {
  expect(checkOf({}).own).toBeUndefined();
  expect(checkOf({ "own.groups": "gatehouse" }).own).toBeUndefined();
  expect(checkOf({ "own.groups": " ", "own.key": "" }).own).toBeUndefined();
});
