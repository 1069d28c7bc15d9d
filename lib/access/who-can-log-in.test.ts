import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Step, tryLogin } from "@/lib/access/attempt";
import { type Server, startServer } from "@/lib/access/server";
import {
  connectionTo,
  findBrokenClaims,
  isCovered,
  keySteps,
  methodsOf,
  testMoment as now,
  offersOf,
  shortestSuccess,
} from "@/lib/access/testing/agreement";
import { factsOf, runner, toStep } from "@/lib/access/testing/corpus";
import { hostWith } from "@/lib/access/testing/host";
import { type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { builds } from "@/lib/sshd-config/build";
import { loadLoginCases, loadLoginWorld } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const cases = loadLoginCases();
const offers = offersOf(world);
const someBuilds = builds.filter((b) => ["deb11-8.4p1", "debsid-10.6p1"].includes(b.id));
const keyText = (name: string) => new TextDecoder().decode(world.files.get(`${name}.pub`)).trim();

function brokenClaims(server: Server, paths: readonly LoginPath[]) {
  const tried = paths.flatMap((path) => {
    const broken = findBrokenClaims(server, path, offers);
    return broken ? broken.map((address) => `${path.account} from ${address} by ${methodsOf(path)}`) : [];
  });
  return tried;
}

describe.each(someBuilds.map((b) => [b.id, b] as const))("in every recorded world on %s", (_, build) => {
  test("a path that depends on nothing is let in, from both ends of each run of addresses", () => {
    let claims = 0;
    const wrong = cases.flatMap((question) => {
      const facts = factsOf(question, build, world);
      const server = startServer(facts, { build });
      const paths = whoCanLogIn(facts, { now, server });
      claims += paths.length;
      return brokenClaims(server, paths).map((text) => `${question.id}: ${text}`);
    });
    expect(claims).toBeGreaterThan(1000);
    expect(wrong).toEqual([]);
  });

  test("what is let in is one of the paths", () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const question of cases) {
      const facts = factsOf(question, build, world);
      const server = startServer(facts, { build });
      const paths = whoCanLogIn(facts, { now, server });
      const options = { run: runner(facts) };
      for (const { user, src = "127.0.0.1", dst = "127.0.0.1", steps } of question.attempts) {
        const connection = { ...connectionTo(user, src), localAddress: dst };
        const taken = shortestSuccess(
          steps.map((step) => toStep(step, world)),
          (some) => tryLogin(server, connection, some, options) === "success",
        );
        if (!taken) continue;
        checked++;
        if (!isCovered(paths, user, src, taken)) wrong.push(`${question.id}: ${user} from ${src}`);
      }
    }
    expect(checked).toBeGreaterThan(350);
    expect(wrong).toEqual([]);
  });
});

describe("in generated worlds", () => {
  const networks = [
    "10.0.0.0/8",
    "10.1.0.0/16",
    "192.0.2.7",
    "2001:db8::/32",
    "127.*",
    "!10.1.2.3,10.0.0.0/8",
  ];
  const addresses = [
    "10.1.2.3",
    "10.200.0.1",
    "192.0.2.7",
    "127.0.0.1",
    "198.51.100.1",
    "2001:db8::5",
    "::1",
  ];
  const yesNo = fc.constantFrom("yes", "no");
  const setting = fc.oneof(
    yesNo.map((v) => `PasswordAuthentication ${v}`),
    yesNo.map((v) => `PubkeyAuthentication ${v}`),
    yesNo.map((v) => `KbdInteractiveAuthentication ${v}`),
    yesNo.map((v) => `PermitEmptyPasswords ${v}`),
    fc
      .constantFrom("yes", "no", "prohibit-password", "forced-commands-only")
      .map((v) => `PermitRootLogin ${v}`),
    fc
      .constantFrom(
        "any",
        "publickey",
        "publickey,password",
        "publickey,publickey",
        "password publickey,keyboard-interactive",
        "keyboard-interactive:pam,publickey",
        "publickey,password,publickey",
      )
      .map((v) => `AuthenticationMethods ${v}`),
    fc
      .tuple(
        fc.constantFrom("AllowUsers", "DenyUsers"),
        fc.constantFrom("alice", "b*", "root"),
        fc.constantFrom("", ...networks),
      )
      .map(([k, user, net]) => `${k} ${user}${net === "" ? "" : `@${net}`}`),
    fc
      .tuple(fc.constantFrom("AllowGroups", "DenyGroups"), fc.constantFrom("alice", "*"))
      .map((v) => v.join(" ")),
    fc
      .constantFrom("ssh-ed25519", "-ssh-ed25519", "rsa-sha2-512", "*cert*")
      .map((v) => `PubkeyAcceptedAlgorithms ${v}`),
    fc.constantFrom("/etc/ssh/ca", "/etc/ssh/none").map((v) => `TrustedUserCAKeys ${v}`),
    fc.constantFrom("/etc/ssh/revoked", "/etc/ssh/none").map((v) => `RevokedKeys ${v}`),
    fc.constantFrom("0", "1", "6").map((v) => `MaxAuthTries ${v}`),
  );
  const criteria = fc.oneof(
    fc.constantFrom("alice", "root,bob", "!bob,*").map((v) => `User ${v}`),
    fc.constantFrom(...networks).map((v) => `Address ${v}`),
    fc
      .tuple(fc.constantFrom("alice", "bob"), fc.constantFrom(...networks))
      .map(([g, n]) => `Group ${g} Address ${n}`),
  );
  const block = fc
    .tuple(criteria, fc.array(setting, { minLength: 1, maxLength: 3 }))
    .map(([c, lines]) => `Match ${c}\n${lines.map((l) => `  ${l}\n`).join("")}`);
  const config = fc
    .tuple(yesNo, fc.array(setting, { maxLength: 5 }), fc.array(block, { maxLength: 3 }))
    .map(([pam, lines, blocks]) => `UsePAM ${pam}\n${lines.map((l) => `${l}\n`).join("")}${blocks.join("")}`);
  const option = fc.constantFrom(
    "",
    "",
    'from="10.0.0.0/8" ',
    'from="*,!192.0.2.7" ',
    'command="/bin/true" ',
    'expiry-time="20200101" ',
    "cert-authority ",
    'cert-authority,principals="web,alice" ',
    "restrict ",
    "bogus ",
  );
  const line = fc
    .tuple(option, fc.constantFrom("k1", "k2", "k3", "ca1", "sk_ed", "krsa1024"))
    .map(([o, name]) => `${o}${keyText(name)}\n`);
  const keys = fc.array(line, { maxLength: 4 }).map((lines) => lines.join(""));
  const password = fc.constantFrom("usable" as const, "locked" as const, "star" as const, "empty" as const);
  const host = fc.record({
    config,
    keys: fc.tuple(keys, keys, keys),
    passwords: fc.tuple(password, password, password),
  });

  const singles: Step[] = [
    { method: "none" },
    { method: "password", typed: "right" },
    { method: "keyboard-interactive", typed: "right" },
    ...offers
      .filter(({ key }) => key.keyType.name !== "ecdsa-sha2-nistp256")
      .flatMap((offer) => keySteps(offer).slice(0, 1)),
  ];

  test("claims hold, and what is let in was claimed", () => {
    fc.assert(
      fc.property(
        host,
        fc.constantFrom(...addresses),
        fc.array(fc.constantFrom(...singles), { maxLength: 4 }),
        (made, address, more) => {
          const file = (text: string) => ({ kind: "file" as const, uid: 0, gid: 0, mode: 0o644, text });
          const facts = hostWith({
            config: made.config,
            accounts: (["alice", "bob", "root"] as const).map((name, i) => ({
              name,
              keys: made.keys[i] ?? "",
              password: made.passwords[i] ?? "usable",
            })),
            files: { "/etc/ssh/ca": file(keyText("ca1")), "/etc/ssh/revoked": file(keyText("k2")) },
          });
          const server = startServer(facts);
          fc.pre(server.refused === undefined);
          const paths = whoCanLogIn(facts, { now, server });
          expect(brokenClaims(server, paths)).toEqual([]);
          for (const user of ["alice", "bob", "root"]) {
            const connection = connectionTo(user, address);
            for (const steps of [...singles.map((s) => [s]), more]) {
              const taken = shortestSuccess(
                steps,
                (some) => tryLogin(server, connection, some) === "success",
              );
              if (taken && !isCovered(paths, user, address, taken))
                throw new Error(`${user} from ${address} by ${taken.map((s) => s.method).join()} is no path`);
            }
          }
        },
      ),
      { numRuns: Number(process.env.ACCESS_WORLDS ?? 150) },
    );
  });
});
