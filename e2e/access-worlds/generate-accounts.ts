import { commonPassword, type World, type WorldAccount, type WorldFile } from "@/e2e/access-worlds/world";
import type { PasswordState } from "@/lib/access/facts";
import type { Random } from "@/lib/sshd-config/testing/random";

/** `commonPassword` as crypt(3) keeps it; an old form, since a slow one would take all the time there is. */
const commonHash = "$1$lab$24k6K0j7luivx9PVYD/Gp1";
const today = () => Math.floor(Date.now() / 86_400_000);

const states: readonly (readonly [state: PasswordState, shadow: string])[] = [
  ["usable", commonHash],
  ["usable", commonHash],
  ["usable", commonHash],
  ["usable", commonHash],
  ["locked", "!"],
  ["locked", `!${commonHash}`],
  ["star", "*"],
  ["empty", ""],
];

const shells = ["/bin/bash", "/bin/bash", "/bin/sh", "/bin/bash", "", "/usr/sbin/nologin", "/bin/false"];
const oddShells = ["/opt/noexec", "/opt/missing", "/opt/shells", "/opt/link"];
const people = ["alice", "bob", "carol", "dave", "erin"];
const someGroups = ["admins", "ops", "ssh-users"];

/** Who is on the host, in which groups. */
export interface Inhabitants {
  readonly accounts: readonly WorldAccount[];
  readonly groups: World["groups"];
}

/** Root, sshd's own account, and some people. */
export function someInhabitants(r: Random): Inhabitants {
  const names = people.filter((_, i) => i < 2 || r.chance(0.4));
  const groups = someGroups.map((name, i) => ({
    name,
    gid: 2000 + i,
    members: names.filter(() => r.chance(0.35)),
  }));
  const own = names
    .map((name, i) => ({ name, gid: 1000 + i, members: r.chance(0.06) ? [r.pick(names)] : [] }))
    // A primary group without a name, now and then.
    .filter(() => !r.chance(0.04));
  const all = [
    { name: "root", gid: 0, members: [] },
    { name: "users", gid: 100, members: [] },
    { name: "nogroup", gid: 65_534, members: [] },
    ...own,
    ...groups,
  ];
  const accounts = [
    account(r, all, { name: "root", uid: 0, gid: 0, home: "/root" }),
    { ...account(r, all, { name: "sshd", uid: 101, gid: 65_534, home: "/run/sshd" }), ...ofSshd },
    ...names.map((name, i) => {
      const uid = 1000 + i;
      return account(r, all, { name, uid, gid: r.chance(0.1) ? 100 : uid, home: `/home/${name}` });
    }),
    ...(r.chance(0.08) ? [account(r, all, { name: "toor", uid: 0, gid: 0, home: "/root" })] : []),
  ];
  return { accounts, groups: all };
}

const ofSshd = { shell: "/usr/sbin/nologin", password: "star", shadow: "*" } as const;

function account(
  r: Random,
  groups: World["groups"],
  base: Pick<WorldAccount, "name" | "uid" | "gid" | "home">,
): WorldAccount {
  const [password, shadow] = r.pick(states);
  const primary = groups.filter(({ gid }) => gid === base.gid).map(({ name }) => name);
  const others = groups.filter(({ members, gid }) => gid !== base.gid && members.includes(base.name));
  const isOdd = r.chance(0.06);
  return {
    ...base,
    fullName: "",
    shell: r.pick(isOdd ? oddShells : shells),
    groups: [...primary, ...others.map(({ name }) => name)],
    password,
    shadow,
    ...(r.chance(0.08) && { expiresOnDay: r.pick([1000, today() - 1, today(), today() + 1, 30_000]) }),
    ...(r.chance(0.12) && someAge(r)),
  };
}

function someAge(r: Random): Partial<WorldAccount> {
  return {
    passwordChangedOnDay: r.pick([0, 1000, today() - 10, today()]),
    ...(r.chance(0.7) && { passwordMaxDays: r.pick([5, 10, 99_999]) }),
    ...(r.chance(0.4) && { passwordInactiveDays: r.pick([0, 3, 30]) }),
  };
}

/** What shells and programs of the odd accounts lead to. */
export function someShells(): Record<string, WorldFile> {
  return {
    "/opt/noexec": { text: "" },
    "/opt/shells": { isDirectory: true },
    "/opt/link": { link: "/bin/bash" },
  };
}

/** What somebody may type for a password. */
export const typedPasswords = [commonPassword, commonPassword, commonPassword, "wrong", ""];
