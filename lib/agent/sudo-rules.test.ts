import { expect, test } from "vitest";
import type { AccountFacts } from "@/lib/access/facts";
import { readSudoRules } from "@/lib/agent/sudo-rules";

const person = (name: string, uid: number, groups: string[]): AccountFacts => ({
  name,
  uid,
  gid: uid,
  fullName: "",
  home: `/home/${name}`,
  shell: "/bin/sh",
  groups,
  password: "usable",
});
const world = {
  hostname: "db-1.example.org",
  accounts: [
    person("root", 0, ["root"]),
    person("alice", 1000, ["alice", "ops"]),
    person("bob", 1001, ["bob"]),
  ],
  groups: [{ name: "ops", gid: 27, members: [] }],
};
const spec = (
  users: object[],
  commands: object[],
  more: object = {},
  hosts: object[] = [{ hostname: "ALL" }],
) => ({
  User_List: users,
  Host_List: hosts,
  Cmnd_Specs: [{ Commands: commands, ...more }],
});
const rights = (...specs: object[]) => readSudoRules(JSON.stringify({ User_Specs: specs }), world);
const all = [{ command: "ALL" }];
const unasked = { Options: [{ setenv: true }, { authenticate: false }] };

test("rules by name, id, group and group id find the same account; root needs none", () => {
  for (const user of [{ username: "alice" }, { userid: 1000 }, { usergroup: "ops" }, { usergid: 27 }])
    expect(rights(spec([user], all))).toEqual([{ account: "alice", isAll: true, isWithoutPassword: false }]);
});

test("the last item of a list, and the last rule, decides", () => {
  const everyoneButBob = [{ username: "ALL" }, { username: "bob", negated: true }];
  expect(rights(spec(everyoneButBob, all, unasked))).toEqual([
    { account: "alice", isAll: true, isWithoutPassword: true },
  ]);
  expect(rights(spec([{ username: "bob" }], all, unasked), spec([{ username: "bob" }], all))).toEqual([
    { account: "bob", isAll: true, isWithoutPassword: false },
  ]);
});

test("single commands, other run-as accounts and other hosts are not all", () => {
  const bob = [{ username: "bob" }];
  expect(rights(spec(bob, [{ command: "/bin/ls" }], unasked))).toEqual([
    { account: "bob", isAll: false, isWithoutPassword: true },
  ]);
  expect(rights(spec(bob, all, { runasusers: [{ username: "postgres" }] }))).toEqual([
    { account: "bob", isAll: false, isWithoutPassword: false },
  ]);
  expect(rights(spec(bob, all, {}, [{ hostname: "db-2" }]))).toEqual([]);
  expect(rights(spec(bob, all, {}, [{ hostname: "db-1" }]))).toHaveLength(1);
});

test("Defaults !authenticate counts for whom it names", () => {
  const text = JSON.stringify({
    Defaults: [{ Binding: [{ username: "bob" }], Options: [{ authenticate: false }] }],
    User_Specs: [spec([{ username: "ALL" }], all)],
  });
  expect(readSudoRules(text, world)).toEqual([
    { account: "alice", isAll: true, isWithoutPassword: false },
    { account: "bob", isAll: true, isWithoutPassword: true },
  ]);
});

test("what is no set of rules is not understood", () => {
  expect(readSudoRules("", world)).toBeUndefined();
  expect(readSudoRules('{"User_Specs":[{"User_List":7}]}', world)).toBeUndefined();
  expect(readSudoRules("null", world)).toBeUndefined();
});
