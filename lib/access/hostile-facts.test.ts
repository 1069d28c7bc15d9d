import { expect, test } from "vitest";
import { findAccessFaults } from "@/lib/access/findings";
import { startServer } from "@/lib/access/server";
import { testMoment as now } from "@/lib/access/testing/agreement";
import { hostWith } from "@/lib/access/testing/host";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

const config = "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

function manyKeys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(32);
    new DataView(bytes.buffer).setUint32(0, i);
    return printPublicKey(ed25519PublicKey(bytes, `key ${i}`));
  });
}

test("ten thousand keys in one file are ten thousand paths, in time that grows with their number", () => {
  const facts = hostWith({ config, accounts: [{ name: "alice", keys: manyKeys(10_000).join("\n") }] });
  expect(whoCanLogIn(facts, { now })).toHaveLength(10_000);
});

test("more networks than can be told apart leave a doubt instead of taking time", () => {
  const list = Array.from({ length: 20_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`).join();
  const [key = ""] = manyKeys(1);
  const facts = hostWith({
    config,
    accounts: [{ name: "alice", keys: `from="192.0.2.0/24,${list},*" ${key}` }],
  });
  const [path] = whoCanLogIn(facts, { now });
  expect(path?.dependsOn.join()).toContain("too many to tell apart");
});

test("links that lead in a circle, names of objects and control characters are only data", () => {
  const names = ["__proto__", "constructor", "a\u0000b", "<script>alert(1)</script>", "\u001b[2J"];
  const facts = hostWith({
    config: `${config}AllowGroups __proto__ constructor *\n`,
    accounts: names.map((name) => ({ name, shell: "__proto__", keys: manyKeys(1).join() })),
    files: {
      "/home/__proto__/.ssh": {
        kind: "symlink",
        uid: 0,
        gid: 0,
        mode: 0o777,
        target: "/home/__proto__/.ssh2",
      },
      "/home/__proto__/.ssh2": {
        kind: "symlink",
        uid: 0,
        gid: 0,
        mode: 0o777,
        target: "/home/__proto__/.ssh",
      },
    },
  });
  const server = startServer(facts);
  const paths = whoCanLogIn(facts, { now, server });
  expect(findAccessFaults({ server, paths, people: [], now }).map((f) => f.code)).toContain("no-way-in");
  expect(paths.map((path) => path.account)).toEqual(names.filter((name) => name !== "__proto__"));
});
