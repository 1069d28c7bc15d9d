import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseImport } from "@/lib/features/hosts/import";
import { expandRange } from "@/lib/features/hosts/import/ansible";
import { importFormats } from "@/lib/features/hosts/schema";

/** "name address:port tags" of the new ones. */
function newHosts(format: (typeof importFormats)[number], text: string): string[] {
  return parseImport(format, text, [])
    .hosts.filter((host) => host.verdict === "new")
    .map((host) => [host.name, `${host.address}:${host.port}`, ...host.tags].join(" "));
}
const reasons = (format: (typeof importFormats)[number], text: string) =>
  parseImport(format, text, []).skipped.map((skipped) => `${skipped.line}: ${skipped.reason}`);

describe("an ssh client's configuration", () => {
  const text = `
Host web db-1
  HostName %h.example.org
Host web
  HostName never.example.org
  Port = 2222
Host old
  HostName "192.0.2.9"   # by hand
  User root
Host * !old
  Port 2200
Match exec "true"
  Port 1
Include ~/.ssh/other
`;
  test("gives each named host, the first value of what fits it", () => {
    expect(newHosts("ssh_config", text)).toEqual([
      "web web.example.org:2222",
      "db-1 db-1.example.org:2200",
      "old 192.0.2.9:22",
    ]);
  });

  test("names what it leaves out: patterns, Match, Include", () => {
    expect(reasons("ssh_config", text)).toEqual([
      "10: * is a pattern, not one host.",
      "10: !old is a pattern, not one host.",
      "12: A Match block depends on the machine it was written on.",
      "14: Included files are not here. Import them one by one.",
    ]);
  });

  test("a name that stands twice is one host", () => {
    expect(newHosts("ssh_config", "Host a\nHost a\n")).toEqual(["a a:22"]);
  });
});

describe("a known_hosts file", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA";
  const text = `web.example.org,192.0.2.1 ${key}
web.example.org,192.0.2.1 ssh-rsa AAAA
[git.example.org]:2222 ${key}
[2001:db8::1]:2222 ${key}
|1|c2FsdA==|aGFzaA== ${key}
@cert-authority *.example.org ${key}
*.example.net ${key}
broken
`;
  test("gives one host for all its keys, by its name and port", () => {
    expect(newHosts("known_hosts", text)).toEqual([
      "web.example.org web.example.org:22",
      "git.example.org git.example.org:2222",
    ]);
  });

  test("says of hashed names, marks, patterns and broken lines why they are skipped", () => {
    expect(reasons("known_hosts", text)).toEqual([
      "5: The host's name is hashed and cannot be read.",
      "6: A line marked @cert-authority names no host of its own.",
      "7: The name is a pattern, not one host.",
      "8: This is no line of a known_hosts file.",
    ]);
  });
});

describe("an Ansible inventory", () => {
  test("in INI: groups are tags, ranges are hosts, variables give address and port", () => {
    const text = `
mail.example.org
[web]
web[01:03].example.org ansible_port=2222
special ansible_host=192.0.2.7 ansible_user=root # comment
[db]
special
db-[a:b]:2200
[db:vars]
ansible_user=admin
[all:children]
web
`;
    expect(newHosts("ansible", text)).toEqual([
      "mail.example.org mail.example.org:22",
      "web01.example.org web01.example.org:2222 web",
      "web02.example.org web02.example.org:2222 web",
      "web03.example.org web03.example.org:2222 web",
      "special 192.0.2.7:22 web db",
      "db-a db-a:2200 db",
      "db-b db-b:2200 db",
    ]);
    expect(reasons("ansible", text)).toEqual(["11: The section all:children names groups, not hosts."]);
  });

  test("in YAML: the same", () => {
    const text = `---
all:
  hosts:
    mail.example.org:
  children:
    web:   # front
      hosts:
        web[1:2]:
          ansible_port: 2222
        "special":
          ansible_host: '192.0.2.7'
      vars:
        ansible_user: admin
    db:
      hosts:
        special:
        localhost:
          ansible_connection: local
      list: [a, b]
`;
    expect(newHosts("ansible", text)).toEqual([
      "mail.example.org mail.example.org:22",
      "web1 web1:2222 web",
      "web2 web2:2222 web",
      "special 192.0.2.7:22 web db",
    ]);
    expect(reasons("ansible", text)).toEqual([
      "17: localhost is the machine of Ansible itself.",
      "19: Lists, anchors and inline maps are not read.",
    ]);
  });

  test.each([
    ["web[1:3]", ["web1", "web2", "web3"]],
    ["web[08:10]x", ["web08x", "web09x", "web10x"]],
    ["[a:b]-[1:2]", ["a-1", "a-2", "b-1", "b-2"]],
    ["web[1:9:4]", ["web1", "web5", "web9"]],
    ["web[3:1]", undefined],
    ["web[1:c]", undefined],
    ["web[1:99999999]", undefined],
    ["[1:2000]-[1:2000]", undefined],
  ])("the range %s", (pattern, names) => {
    expect(expandRange(pattern)).toEqual(names);
  });
});

describe("comma-separated values", () => {
  test("with titles in any order", () => {
    const text =
      'port,address,comment,name,tags\n2222,192.0.2.1,"a, b",web,prod | eu\n,db.example.org,,db,\n';
    expect(newHosts("csv", text)).toEqual(["web 192.0.2.1:2222 prod eu", "db db.example.org:22"]);
  });

  test("without titles, with semicolons and Windows line ends", () => {
    expect(newHosts("csv", "web;192.0.2.1;22;prod\r\n# note\r\ndb.example.org\r\n")).toEqual([
      "web 192.0.2.1:22 prod",
      "db.example.org db.example.org:22",
    ]);
  });

  test("says where a line is wrong, counting lines inside quotes", () => {
    expect(reasons("csv", 'name,address,port\n"a\nb",192.0.2.1,22\nc,192.0.2.2,99999\n')).toEqual([
      "4: 99999 is no port.",
    ]);
  });
});

describe("each host gets a verdict", () => {
  const known = [{ name: "web", address: "web.example.org", port: 22 }];
  test.each([
    ["the same name", "WEB,192.0.2.1", "exists"],
    ["the same address and port", "other,web.example.org,22", "exists"],
    ["the same address on another port", "other,web.example.org,2222", "new"],
    ["a name that begins with a dash", "-oProxyCommand=x,192.0.2.1", "invalid"],
    ["an address that begins with a dash", "a,-oProxyCommand=x", "invalid"],
    ["an address with a space", "a,b c", "invalid"],
  ])("%s", (_, line, verdict) => {
    expect(parseImport("csv", `${line}\n`, known).hosts[0]?.verdict).toBe(verdict);
  });

  test("a second one of the same name or place names the line of the first", () => {
    const { hosts } = parseImport("csv", "a,192.0.2.1\nb,192.0.2.1\nA,192.0.2.2\n", []);
    expect(hosts.map((host) => host.reason)).toEqual([
      null,
      "The same name or address stands in line 1.",
      "The same name or address stands in line 1.",
    ]);
  });

  test.each(importFormats)("a line of 100,000 characters costs no time, and is named (%s)", (format) => {
    const began = performance.now();
    const { skipped } = parseImport(format, `[web]\na${" ".repeat(100_000)}x\n`, []);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(skipped).toContainEqual(
      expect.objectContaining({ line: 2, reason: expect.stringMatching(/longer/) }),
    );
  });

  test("arbitrary text never throws, and never names a host that could not be added", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...importFormats),
        fc.string({ maxLength: 300, unit: "binary" }),
        (format, text) => {
          for (const host of parseImport(format, text, []).hosts)
            if (host.verdict === "new") expect(host.name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
        },
      ),
    );
  });
});
