/** What sshd asks the host while it reads its configuration. All of it is data: nothing here touches a system. */
export interface World {
  /** False: there may be more accounts and names than these; what is not listed is not held against a line. */
  isComplete: boolean;
  /** Accounts by name, with home directory and the names of all their groups. */
  accounts: ReadonlyMap<string, { home: string; groups: readonly string[] }>;
  /** TCP services: name → port. */
  services: ReadonlyMap<string, number>;
  /** Host names → numeric addresses, as /etc/hosts gives them. */
  hosts: ReadonlyMap<string, readonly string[]>;
}

/** A host of which nothing is known but what is the same on all. */
export const unknownWorld: World = {
  isComplete: false,
  accounts: new Map([["root", { home: "/root", groups: ["root"] }]]),
  services: new Map([
    ["ssh", 22],
    ["http", 80],
    ["https", 443],
  ]),
  hosts: new Map(),
};

/** Reads passwd(5), group(5), services(5) and hosts(5). Lines that are none of theirs are skipped. */
export function readWorld(files: { passwd: string; group: string; services: string; hosts: string }): World {
  const rows = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const groups = rows(files.group).map((line) => {
    const [name = "", , gid = "", members = ""] = line.split(":");
    return { name, gid, members: members.split(",") };
  });
  const accounts: [string, { home: string; groups: string[] }][] = rows(files.passwd).map((line) => {
    const [name = "", , , gid = "", , home = ""] = line.split(":");
    const own = groups.filter((g) => g.gid === gid || g.members.includes(name)).map((g) => g.name);
    return [name, { home, groups: own }];
  });
  const services = rows(files.services).flatMap((line): [string, number][] => {
    const [name = "", port = "", ...aliases] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    const number = /^(\d+)\/tcp$/.exec(port)?.[1];
    return number === undefined ? [] : [name, ...aliases].map((n) => [n, Number(number)]);
  });
  const hosts = new Map<string, string[]>();
  for (const line of rows(files.hosts)) {
    const [address = "", ...names] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    for (const name of names)
      hosts.set(name.toLowerCase(), [...(hosts.get(name.toLowerCase()) ?? []), address]);
  }
  return { isComplete: true, accounts: new Map(accounts), services: new Map(services), hosts };
}
