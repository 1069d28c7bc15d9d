import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readKeyFiles } from "@/lib/agent/read-keys";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const path = "/home/alice/.ssh/authorized_keys";
const headers = (content: string, more: Record<string, string> = {}) => ({
  "file.1.path": path,
  "file.1.id": sha256(path),
  "file.1.inforce": "1",
  "file.1.place": "account",
  "file.1.state": "file",
  "file.1.sha256": sha256(content),
  "file.1.bytes": String(Buffer.byteLength(content)),
  "file.1.mode": "600",
  "file.1.owner": "1000",
  "file.1.group": "1000",
  "file.1.reason": "",
  "file.1.modes": "755,700,600",
  "file.1.safe": "755,700,600",
  ...more,
});

test("files come with their bytes, and absent ones without", () => {
  const body = Buffer.from("ssh-ed25519 AAAA\n");
  const second = "/etc/ssh/authorized_keys.d/alice";
  const absent = Object.fromEntries(
    Object.entries(
      headers("", { "file.1.path": second, "file.1.id": sha256(second), "file.1.state": "absent" }),
    )
      .filter(([name]) => !/modes|safe/.test(name))
      .map(([name, value]) => [name.replace("file.1", "file.2"), value]),
  );
  const all = { ...headers(body.toString()), ...absent, "file.2.sha256": "absent" };
  expect(readKeyFiles({ headers: all, body })).toMatchObject([
    { path, isInForce: true, content: body, modes: { now: "755,700,600", safe: "755,700,600" } },
    { path: second, state: "absent", sha256: "absent", modes: null },
  ]);
});

test.each([
  ["a hash that is not the content's", { "file.1.sha256": sha256("other") }],
  ["an id that is not the path's", { "file.1.id": sha256("/etc/shadow") }],
  ["more bytes than there are", { "file.1.bytes": "999999999" }],
  ["fewer bytes than there are", { "file.1.bytes": "1" }],
  ["modes that are none", { "file.1.modes": "755;rm" }],
  ["a state that is none", { "file.1.state": "there" }],
])("an answer with %s is malformed", (_, more) => {
  const body = Buffer.from("content");
  expect(() => readKeyFiles({ headers: headers("content", more), body })).toThrow('answered "read-keys"');
});
