import fc from "fast-check";
import { expect, test } from "vitest";
import { builds } from "@/lib/sshd-config/build";
import { readMatch } from "@/lib/sshd-config/match";
import { prepareMatch, readClient } from "@/lib/sshd-config/match-prepared";
import { parse } from "@/lib/sshd-config/parser";
import { Refusal } from "@/lib/sshd-config/reading";
import { unknownWorld } from "@/lib/sshd-config/world";

const user = fc.constantFrom(
  "alice",
  "bob",
  "al*",
  "!alice",
  "b?b",
  "ALICE",
  "",
  "*",
  "älice",
  "a".repeat(1100),
);
const network = fc.constantFrom(
  "10.0.0.0/8",
  "10.1.2.3",
  "!10.1.2.3",
  "fe80::/10",
  "10.*",
  "10.0.0.1/8",
  "",
  "x",
);
const list = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(","));
const criterion = fc.oneof(
  list(user).map((value) => `User ${value}`),
  list(user).map((value) => `USER "${value}"`),
  list(network).map((value) => `Address ${value}`),
  fc.constantFrom("all", "Host *", "User=alice", "# why", "LocalPort 22", "invalid-user"),
);

test("a line made ready says of every client what reading it says", () => {
  fc.assert(
    fc.property(
      fc.array(criterion, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...builds),
      fc.record({
        user: fc.constantFrom(undefined, "alice", "bob", "älice", ""),
        address: fc.constantFrom(undefined, "10.1.2.3", "10.9.9.9", "fe80::1", "::ffff:10.1.2.3", "x"),
        localPort: fc.constant(22),
      }),
      (criteria, build, connection) => {
        const line = parse(`Match ${criteria.join(" ")}`, build).lines[0]!;
        const ask = (of: typeof connection | undefined) => {
          try {
            const log = () => undefined;
            const read = readMatch(line, { build, world: unknownWorld, connection: of, log });
            return read.left.length > 0 ? "refused" : read.active;
          } catch (reason) {
            if (reason instanceof Refusal) return "refused";
            throw reason;
          }
        };
        const holds = prepareMatch(line, build);
        if (!holds || ask(undefined) === "refused") return;
        expect(holds(readClient(connection))).toBe(ask(connection));
      },
    ),
    { numRuns: 3000 },
  );
});

test("users and addresses are made ready", () => {
  const build = builds[0]!;
  const holds = prepareMatch(parse("Match User alice,bob Address 10.0.0.0/8", build).lines[0]!, build);
  expect(holds?.(readClient({ user: "bob", address: "10.2.3.4" }))).toBe(true);
  expect(holds?.(readClient({ user: "carol", address: "10.2.3.4" }))).toBe(false);
});
