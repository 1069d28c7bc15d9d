import fc from "fast-check";
import { expect, test } from "vitest";
import { setOfRuns, setOfScope, subtract } from "@/lib/access/assertions/address-set";
import type { AddressScope, Assertion, MethodScope } from "@/lib/access/assertions/assertion";
import { type AssertedHost, checkAssertion } from "@/lib/access/assertions/check-assertion";
import type { Offence } from "@/lib/access/assertions/offence";
import { fitsAccount } from "@/lib/access/assertions/scope";
import { type Step, tryLogin } from "@/lib/access/attempt";
import type { HostFacts } from "@/lib/access/facts";
import { printOf } from "@/lib/access/key-print";
import { type Server, startServer } from "@/lib/access/server";
import {
  connectionTo,
  findBrokenClaims,
  keySteps,
  testMoment as now,
  offersOf,
  shortestSuccess,
} from "@/lib/access/testing/agreement";
import { hostWith } from "@/lib/access/testing/host";
import { whoCanLogIn } from "@/lib/access/who-can-log-in";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { loadLoginWorld } from "@/lib/testing/login-corpus";

// Rules against brute force: real attempts (tryLogin) from sample addresses, by every step and every two of them.

const world = loadLoginWorld();
const offers = offersOf(world);
const keyText = (name: string) => new TextDecoder().decode(world.files.get(`${name}.pub`)).trim();
const names = ["k1", "k2", "k3", "sk_ed"];
const plainKeys = offers.filter(
  ({ key }) => !key.certificate && names.some((name) => keyText(name).includes(base64(key.blob))),
);
function base64(blob: Uint8Array): string {
  return Buffer.from(blob).toString("base64");
}
const printBy = (name: string) => {
  const found = plainKeys.find(({ key }) => keyText(name).includes(base64(key.blob)));
  if (!found) throw new Error(`${name} is not in the world`);
  return printOf(found.key.blob);
};
const people = [
  { id: "a", name: "Alice", fingerprints: [printBy("k1")] },
  { id: "b", name: "Bob", fingerprints: [printBy("k2"), printBy("sk_ed")] },
];
const accountNames = ["alice", "bob", "root"] as const;
const networks = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "::1"];
const addresses = ["10.1.2.3", "10.200.0.1", "192.0.2.7", "198.51.100.1", "2001:db8::5", "::1"];

const singles: Step[] = [
  { method: "none" },
  { method: "password", typed: "right" },
  { method: "password", typed: "empty" },
  { method: "keyboard-interactive", typed: "right" },
  ...plainKeys.flatMap((offer) => keySteps(offer).slice(0, 1)),
];
const attempts: Step[][] = [
  ...singles.map((step) => [step]),
  ...singles.flatMap((one) => singles.filter((other) => other !== one).map((other) => [one, other])),
];

/** The ways that succeed from an address, with no step too many. */
function successes(server: Server, account: string, address: string): Step[][] {
  const connection = connectionTo(account, address);
  const isIn = (steps: readonly Step[]) => tryLogin(server, connection, steps) === "success";
  return attempts.flatMap((steps) => {
    const taken = shortestSuccess(steps, isIn);
    return taken && taken.length === steps.length ? [taken] : [];
  });
}

const keyOf = (step: Step) => (step.method === "publickey" ? parsePublicKey(step.blob).key : undefined);
const printsOf = (steps: readonly Step[]) =>
  steps.flatMap((step) => {
    const key = keyOf(step);
    return key ? [printOf(key.blob)] : [];
  });
const ownedBy = (print: string) => people.find(({ fingerprints }) => fingerprints.includes(print))?.id;

function isKind(methods: MethodScope, steps: readonly Step[]): boolean {
  const isTyped = (step: Step) => step.method !== "publickey";
  switch (methods) {
    case "any":
      return true;
    case "password":
      return steps.some(isTyped);
    case "typed-only":
      return steps.every(isTyped);
    case "single-factor":
      return steps.every(isTyped) || !steps.some(isTyped);
    case "no-security-key":
      return !steps.some((step) => keyOf(step)?.type.startsWith("sk-"));
    case "unowned-key":
      return printsOf(steps).some((print) => ownedBy(print) === undefined);
    case "leaver-key":
      return false;
  }
}

const isIn = (address: string, scope: AddressScope) =>
  subtract(setOfRuns([{ first: address, last: address }]), setOfScope(scope)).length === 0;

const yesNo = fc.constantFrom("yes", "no");
const networkList = fc.uniqueArray(fc.constantFrom(...networks), { minLength: 1, maxLength: 2 });
const setting = fc.oneof(
  yesNo.map((v) => `PasswordAuthentication ${v}`),
  yesNo.map((v) => `PubkeyAuthentication ${v}`),
  yesNo.map((v) => `PermitEmptyPasswords ${v}`),
  fc.constantFrom("yes", "no", "prohibit-password").map((v) => `PermitRootLogin ${v}`),
  fc
    .constantFrom(
      "any",
      "publickey,password",
      "publickey,publickey",
      "password publickey,keyboard-interactive",
    )
    .map((v) => `AuthenticationMethods ${v}`),
  fc
    .tuple(
      fc.constantFrom("AllowUsers", "DenyUsers"),
      fc.constantFrom("alice", "b*", "root"),
      fc.constantFrom("", ...networks),
    )
    .map(([keyword, user, network]) => `${keyword} ${user}${network === "" ? "" : `@${network}`}`),
);
const block = fc
  .tuple(fc.constantFrom(...networks), fc.array(setting, { minLength: 1, maxLength: 2 }))
  .map(([network, lines]) => `Match Address ${network}\n${lines.map((line) => `  ${line}\n`).join("")}`);
const config = fc
  .tuple(yesNo, fc.array(setting, { maxLength: 4 }), fc.array(block, { maxLength: 2 }))
  .map(
    ([pam, lines, blocks]) => `UsePAM ${pam}\n${lines.map((line) => `${line}\n`).join("")}${blocks.join("")}`,
  );
const line = fc
  .tuple(
    fc.constantFrom("", "", 'from="10.0.0.0/8" ', 'from="*,!192.0.2.7" ', 'command="/bin/true" '),
    fc.constantFrom(...names),
  )
  .map(([options, name]) => `${options}${keyText(name)}\n`);
const host = fc.record({
  config,
  keys: fc.array(
    fc.array(line, { maxLength: 3 }).map((lines) => lines.join("")),
    { minLength: 3, maxLength: 3 },
  ),
  passwords: fc.array(fc.constantFrom("usable" as const, "locked" as const, "empty" as const), {
    minLength: 3,
    maxLength: 3,
  }),
});

function factsOf(made: {
  config: string;
  keys: string[];
  passwords: ("usable" | "locked" | "empty")[];
}): HostFacts {
  return hostWith({
    config: made.config,
    accounts: accountNames.map((name, i) => ({
      name,
      keys: made.keys[i] ?? "",
      password: made.passwords[i] ?? "usable",
    })),
  });
}

const addressScope: fc.Arbitrary<AddressScope> = fc.oneof(
  fc.constant({ kind: "any" as const }),
  networkList.map((list) => ({ kind: "inside" as const, networks: list })),
  networkList.map((list) => ({ kind: "outside" as const, networks: list })),
);
const accountScope = fc.constantFrom(
  { kind: "all" as const },
  { kind: "root" as const },
  { kind: "names" as const, patterns: ["a*", "bob"] },
);
const hosts = { kind: "all" } as const;
const subject = fc.constantFrom(
  { kind: "person" as const, personId: "a" },
  { kind: "person" as const, personId: "b" },
  { kind: "account" as const, name: "bob" },
  { kind: "key" as const, fingerprint: printBy("k3") },
);
/** The same worlds each time, unless more are asked for. */
const more = Number(process.env.ASSERTION_WORLDS ?? 0);
const runs = more > 0 ? { numRuns: more } : { numRuns: 60, seed: 65 };
const uidOf = (name: string) => (name === "root" ? 0 : 1000);

test("nobody and only hold where no attempt offends, and offend where one succeeds", () => {
  const rule = fc.record({
    addresses: addressScope,
    accounts: accountScope,
    methods: fc.constantFrom<MethodScope>(
      "any",
      "password",
      "typed-only",
      "single-factor",
      "no-security-key",
      "unowned-key",
    ),
    subjects: fc.option(fc.uniqueArray(subject, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  });
  const seen = { holds: 0, broken: 0, unclear: 0 };
  fc.assert(
    fc.property(host, rule, (made, { subjects, ...scope }) => {
      const facts = factsOf(made);
      const server = startServer(facts);
      fc.pre(server.refused === undefined);
      const assertion: Assertion = subjects
        ? { quantifier: "only", hosts, subjects, ...scope }
        : { quantifier: "nobody", hosts, ...scope };
      const known: AssertedHost = { accounts: facts.accounts, doubts: [], people };
      const answer = checkAssertion(assertion, whoCanLogIn(facts, { now, server, people }), known);
      seen[answer.state]++;
      for (const { path, runs: at } of answer.offences)
        if (path) expect(findBrokenClaims(server, { ...path, ranges: at }, offers) ?? []).toEqual([]);
      const isTheirs = (account: string, steps: readonly Step[]) =>
        subjects?.some((one) => {
          if (one.kind === "account") return one.name === account;
          if (one.kind === "key") return printsOf(steps).includes(one.fingerprint);
          return printsOf(steps).some((print) => ownedBy(print) === one.personId);
        }) ?? false;
      for (const account of accountNames.filter((name) =>
        fitsAccount(scope.accounts, { name, uid: uidOf(name) }),
      ))
        for (const address of addresses.filter((one) => isIn(one, scope.addresses))) {
          const offending = successes(server, account, address).filter(
            (steps) => isKind(scope.methods, steps) && !isTheirs(account, steps),
          );
          const isNamed = answer.offences.some(
            ({ path, runs: at }) =>
              path?.account === account &&
              subtract(setOfRuns([{ first: address, last: address }]), setOfRuns(at)).length === 0,
          );
          if (offending.length > 0 && !isNamed)
            throw new Error(
              `${account} from ${address} by ${offending[0]?.map((s) => s.method).join()} is not said`,
            );
        }
    }),
    runs,
  );
  expect(Math.min(seen.holds, seen.broken)).toBeGreaterThan(0);
});

test("always holds where an attempt of theirs succeeds from every address, and misses where none does", () => {
  const rule = fc.record({ subject, addresses: addressScope, accounts: accountScope });
  const seen = { holds: 0, broken: 0, unclear: 0 };
  fc.assert(
    fc.property(host, rule, (made, scope) => {
      const facts = factsOf(made);
      const server = startServer(facts);
      fc.pre(server.refused === undefined);
      const assertion: Assertion = { quantifier: "always", hosts, session: "any", ...scope };
      const known: AssertedHost = { accounts: facts.accounts, doubts: [], people };
      const answer = checkAssertion(assertion, whoCanLogIn(facts, { now, server, people }), known);
      seen[answer.state]++;
      const theirs = scope.subject;
      const isOpenAt = (address: string) =>
        accountNames
          .filter((name) =>
            theirs.kind === "account"
              ? name === theirs.name
              : fitsAccount(scope.accounts, { name, uid: uidOf(name) }),
          )
          .some((account) =>
            successes(server, account, address).some((steps) => {
              if (theirs.kind === "account") return true;
              const prints = printsOf(steps);
              const isOwn = (print: string) =>
                theirs.kind === "key" ? print === theirs.fingerprint : ownedBy(print) === theirs.personId;
              return prints.length > 0 && prints.every(isOwn);
            }),
          );
      const asked = addresses.filter((address) => isIn(address, scope.addresses));
      if (scope.addresses.kind === "any") {
        if (answer.state === "holds") return;
        // Unclear claims nothing; but then it says why.
        if (answer.state === "broken") expect(asked.filter(isOpenAt)).toEqual([]);
        else expect(answer.offences.every(({ dependsOn }) => dependsOn.length > 0)).toBe(true);
        return;
      }
      const isMissing = (address: string, offences: readonly Offence[]) =>
        subtract(
          setOfRuns([{ first: address, last: address }]),
          setOfRuns(offences.flatMap(({ runs: at }) => at)),
        ).length === 0;
      const certain = answer.offences.filter(({ dependsOn }) => dependsOn.length === 0);
      for (const address of asked) {
        if (isMissing(address, certain)) expect([address, isOpenAt(address)]).toEqual([address, false]);
        else if (!isMissing(address, answer.offences))
          expect([address, isOpenAt(address)]).toEqual([address, true]);
      }
    }),
    runs,
  );
  expect(Math.min(seen.holds, seen.broken)).toBeGreaterThan(0);
});
