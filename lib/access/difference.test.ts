import { expect, test } from "vitest";
import { accessDifference } from "@/lib/access/difference";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { type KeyOwner, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

const now = Date.UTC(2026, 6, 1) / 1000;
const world = loadLoginWorld();
const k1 = new TextDecoder().decode(world.files.get("k1.pub")).trim();
const k2 = new TextDecoder().decode(world.files.get("k2.pub")).trim();
const ann: KeyOwner = {
  id: "1",
  name: "Ann",
  fingerprints: ["SHA256:O5wmK4L5tFVuK+Q0/SruYMsdfAJqQynBRCf/DhTqEoA"],
};
const keysOnly = "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

const pathsOf = (config: string, accounts: readonly TestAccount[]) =>
  whoCanLogIn(hostWith({ config, accounts }), { now, people: [ann] });

test("who is shut out is named", () => {
  const accounts = [{ name: "alice", keys: `${k1}\n${k2}\n` }];
  const difference = accessDifference(
    pathsOf(keysOnly, accounts),
    pathsOf(`DenyUsers alice\n${keysOnly}`, accounts),
  );
  expect(difference.loses.map((who) => who.person ?? who.fingerprint)).toEqual([
    "Ann",
    "SHA256:IwFvZTWnPL9Pjq0cnhkmyzQPdS3JLcCBZBKtVjfHcdU",
  ]);
  expect(difference.gains).toEqual([]);
});

test("a person with another key left loses nothing", () => {
  const both: KeyOwner = {
    ...ann,
    fingerprints: [...ann.fingerprints, "SHA256:IwFvZTWnPL9Pjq0cnhkmyzQPdS3JLcCBZBKtVjfHcdU"],
  };
  const paths = (keys: string) =>
    whoCanLogIn(hostWith({ config: keysOnly, accounts: [{ name: "alice", keys }] }), { now, people: [both] });
  expect(accessDifference(paths(`${k1}\n${k2}\n`), paths(k2)).loses).toEqual([]);
});

test("the step from two factors to one is named, and back", () => {
  const accounts = [{ name: "alice", keys: k1 }];
  const two = pathsOf("UsePAM yes\nAuthenticationMethods publickey,password\n", accounts);
  const one = pathsOf("UsePAM yes\nAuthenticationMethods publickey\n", accounts);
  expect(accessDifference(two, one).weakened).toMatchObject([
    { person: "Ann", account: "alice", before: 2, after: 1 },
  ]);
  expect(accessDifference(one, two).strengthened).toMatchObject([{ before: 1, after: 2 }]);
});

test("addresses that are cut off are told", () => {
  const accounts = [{ name: "alice", keys: k1 }];
  const { moved, loses } = accessDifference(
    pathsOf(keysOnly, accounts),
    pathsOf(`AllowUsers alice@10.0.0.0/8\n${keysOnly}`, accounts),
  );
  expect(loses).toEqual([]);
  expect(moved).toMatchObject([{ person: "Ann", before: ["any address"], after: ["10.0.0.0/8"] }]);
});

test("a password that is asked for in another way is nobody's gain or loss", () => {
  const accounts = [{ name: "alice" }];
  const asked = pathsOf(
    "UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n",
    accounts,
  );
  const inQuestions = pathsOf(
    "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\n",
    accounts,
  );
  const { gains, loses } = accessDifference(asked, inQuestions);
  expect([asked.length, inQuestions.length, ...gains, ...loses]).toEqual([1, 1]);
  expect(accessDifference(pathsOf("UsePAM yes\n", accounts), []).loses).toHaveLength(1);
});

test("the same host has no difference", () => {
  const paths = pathsOf("UsePAM yes\n", [{ name: "alice", keys: k1 }, { name: "root" }]);
  const { gains, loses, weakened, strengthened, moved } = accessDifference(paths, paths);
  expect([gains, loses, weakened, strengthened, moved].flat()).toEqual([]);
});
