import { expect, test } from "vitest";
import type { Assertion } from "@/lib/access/assertions/assertion";
import { printAssertion } from "@/lib/access/assertions/print-assertion";

const nameOf = (id: string) => ({ a: "Alice", b: "Bob" })[id];
const any = { kind: "any" } as const;
const all = { kind: "all" } as const;
const person = (personId: string) => ({ kind: "person", personId }) as const;

const sentences: [string, Assertion][] = [
  [
    "Nobody from outside 10.0.0.0/8 reaches root on hosts tagged prod",
    {
      quantifier: "nobody",
      hosts: { kind: "tags", tags: ["prod"] },
      accounts: { kind: "root" },
      addresses: { kind: "outside", networks: ["10.0.0.0/8"] },
      methods: "any",
    },
  ],
  [
    "Nobody reaches any account on any host with a password",
    { quantifier: "nobody", hosts: all, accounts: all, addresses: any, methods: "password" },
  ],
  [
    "Nobody from 10.0.0.0/8 or ::1 reaches web-* or deploy on db-1, db-2 or db-3 with a single factor",
    {
      quantifier: "nobody",
      hosts: { kind: "names", patterns: ["db-1", "db-2", "db-3"] },
      accounts: { kind: "names", patterns: ["web-*", "deploy"] },
      addresses: { kind: "inside", networks: ["10.0.0.0/8", "::1"] },
      methods: "single-factor",
    },
  ],
  [
    "Only Alice, Bob and the key SHA256:x reach root on any host",
    {
      quantifier: "only",
      subjects: [person("a"), person("b"), { kind: "key", fingerprint: "SHA256:x" }],
      hosts: all,
      accounts: { kind: "root" },
      addresses: any,
      methods: "any",
    },
  ],
  [
    "Only somebody who was removed from outside 10.0.0.0/8 and ::1 reaches root on any host by what is typed alone",
    {
      quantifier: "only",
      subjects: [person("gone")],
      hosts: all,
      accounts: { kind: "root" },
      addresses: { kind: "outside", networks: ["10.0.0.0/8", "::1"] },
      methods: "typed-only",
    },
  ],
  [
    "Alice always reaches root or alice on db-1 from every address of 10.0.0.0/8 and ::1",
    {
      quantifier: "always",
      subject: person("a"),
      hosts: { kind: "names", patterns: ["db-1"] },
      accounts: { kind: "names", patterns: ["root", "alice"] },
      addresses: { kind: "inside", networks: ["10.0.0.0/8", "::1"] },
      session: "free",
    },
  ],
  [
    "The account backup can always be reached on every host, from at least one address, if only for a forced command",
    {
      quantifier: "always",
      subject: { kind: "account", name: "backup" },
      hosts: all,
      accounts: all,
      addresses: any,
      session: "any",
    },
  ],
  [
    "Bob always reaches an account on every host tagged prod or eu from every address outside 10.0.0.0/8",
    {
      quantifier: "always",
      subject: person("b"),
      hosts: { kind: "tags", tags: ["prod", "eu"] },
      accounts: all,
      addresses: { kind: "outside", networks: ["10.0.0.0/8"] },
      session: "free",
    },
  ],
];

test.each(sentences)("%s", (sentence, assertion) => {
  expect(printAssertion(assertion, nameOf)).toBe(sentence);
});
