import { describe, expect, test } from "vitest";
import { type Step, tryLogin } from "@/lib/access/attempt";
import { printOf } from "@/lib/access/key-alternatives";
import { algorithmsOf } from "@/lib/access/offered-key";
import { type Server, startServer } from "@/lib/access/server";
import { factsOf, type LoginCase, runner, toStep } from "@/lib/access/testing/corpus";
import type { WayStep } from "@/lib/access/ways";
import { type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { parseAddress } from "@/lib/sshd-config/address";
import { builds } from "@/lib/sshd-config/build";
import { loadLoginCases, loadLoginWorld } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const cases = loadLoginCases();
const now = Date.UTC(2026, 6, 1) / 1000;
const someBuilds = builds.filter((b) => ["deb11-8.4p1", "debsid-10.6p1"].includes(b.id));

/** The keys and certificates of the world. */
const offers = [...world.files].flatMap(([name, bytes]): { sent: Uint8Array; key: DecodedKey }[] => {
  if (!/\.(?:pub|cert)$/.test(name)) return [];
  const sent = decodeBase64(new TextDecoder().decode(bytes).trim().split(/\s+/)[1] ?? "");
  const key = sent && parsePublicKey(sent).key;
  return sent && key ? [{ sent, key }] : [];
});

/** Is there something among the offers that the step asks for? One certificate of an authority may be enough. */
function attemptsAt(step: WayStep, isPasswordEmpty: boolean): Step[] {
  const typed = isPasswordEmpty ? "empty" : "right";
  switch (step.method) {
    case "none":
      return [{ method: "none" }];
    case "password":
    case "keyboard-interactive":
      return [{ method: step.method, typed }];
    case "publickey":
      return offers
        .filter(({ key }) => fits(key, step))
        .flatMap(({ sent, key }) =>
          algorithmsOf(key.type).map((algorithm): Step => {
            const signature = { algorithm: key.type, isValid: true, flags: 5 };
            return { method: "publickey", algorithm, blob: sent, signature };
          }),
        );
    default:
      return [];
  }
}

function fits(key: DecodedKey, { key: wanted }: WayStep): boolean {
  if (wanted?.kind === "key") return !key.certificate && printOf(key.blob) === wanted.fingerprint;
  if (wanted?.kind !== "authority" || !key.certificate) return false;
  const { certificate } = key;
  return (
    printOf(certificate.signatureKey) === wanted.fingerprint &&
    certificate.principals.some((p) => wanted.principals?.includes(p)) &&
    certificate.criticalOptions.length === 0 &&
    certificate.kind === "user" &&
    Number(certificate.validAfter) <= now &&
    Number(certificate.validBefore) > now
  );
}

function product(choices: readonly Step[][]): Step[][] {
  return choices.reduce<Step[][]>((all, next) => all.flatMap((a) => next.map((b) => [...a, b])), [[]]);
}

/** A key serves once, and a certificate is its key again; the world has too few certificates for some paths. */
function hasOwnKeys(steps: readonly Step[]): boolean {
  const plain = steps.flatMap((s) =>
    s.method === "publickey" ? [parsePublicKey(s.blob).key?.blob.join()] : [],
  );
  return new Set(plain).size === plain.length;
}

function isBetween(address: string, { first, last }: { first: string; last: string }): boolean {
  const [a, f, l] = [address, first, last].map((text) => parseAddress(text));
  if (!a || !f || !l || a.family !== f.family) return false;
  const hex = (x: { bytes: readonly number[] }) =>
    x.bytes.map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex(f) <= hex(a) && hex(a) <= hex(l);
}

const connectionTo = (user: string, address: string) => ({
  user,
  address,
  localAddress: address.includes(":") ? "::1" : "127.0.0.1",
  localPort: 22,
  now,
});

describe.each(someBuilds.map((b) => [b.id, b] as const))("in every recorded world on %s", (_, build) => {
  test("a path that depends on nothing is let in, from both ends of each run of addresses", () => {
    const wrong: string[] = [];
    let tried = 0;
    for (const question of cases) {
      const facts = factsOf(question, build, world);
      const server = startServer(facts, { build });
      for (const path of whoCanLogIn(facts, { now, server })) {
        if (path.dependsOn.length > 0) continue;
        const isEmpty = server.accounts.get(path.account)?.password === "empty";
        const choices = product(path.steps.map((step) => attemptsAt(step, isEmpty))).filter(hasOwnKeys);
        if (choices.length === 0) continue;
        for (const { first, last } of path.ranges) {
          for (const address of new Set([first, last])) {
            tried++;
            const connection = connectionTo(path.account, address);
            const isIn = choices.some((steps) => tryLogin(server, connection, steps) === "success");
            if (!isIn) wrong.push(`${question.id}: ${path.account} from ${address} by ${methodsOf(path)}`);
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(2000);
    expect(wrong).toEqual([]);
  });

  test("what is let in is one of the paths", () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const question of cases) {
      const facts = factsOf(question, build, world);
      const server = startServer(facts, { build });
      const paths = whoCanLogIn(facts, { now, server });
      for (const attempt of question.attempts) {
        const steps = shortestSuccess(server, attempt, facts);
        if (!steps) continue;
        checked++;
        const address = attempt.src ?? "127.0.0.1";
        const isCovered = paths.some(
          (path) =>
            path.account === attempt.user &&
            path.ranges.some((range) => isBetween(address, range)) &&
            path.steps.length === steps.length &&
            path.steps.every((step, i) => isStepOf(step, steps[i])),
        );
        if (!isCovered)
          wrong.push(`${question.id}: ${attempt.user} from ${address} ${JSON.stringify(attempt.steps)}`);
      }
    }
    expect(checked).toBeGreaterThan(350);
    expect(wrong).toEqual([]);
  });
});

const methodsOf = (path: LoginPath) =>
  path.steps.map((s) => `${s.method} ${s.key?.fingerprint ?? ""}`).join(" + ");

/** The fewest of an attempt's steps that are let in. */
function shortestSuccess(
  server: Server,
  attempt: LoginCase["attempts"][number],
  facts: Parameters<typeof runner>[0],
): Step[] | undefined {
  const all = attempt.steps.map((step) => toStep(step, world));
  const address = attempt.src ?? "127.0.0.1";
  const connection = { ...connectionTo(attempt.user, address), localAddress: attempt.dst ?? "127.0.0.1" };
  const subsets = Array.from({ length: 2 ** all.length - 1 }, (_, i) =>
    all.filter((_step, j) => ((i + 1) >> j) & 1),
  );
  return subsets
    .sort((a, b) => a.length - b.length)
    .find((steps) => tryLogin(server, connection, steps, { run: runner(facts) }) === "success");
}

function isStepOf(step: WayStep, taken: Step | undefined): boolean {
  if (!taken) return false;
  if (taken.method === "password" && taken.typed === "empty" && step.method === "none") return true;
  if (step.method !== taken.method) return false;
  if (taken.method !== "publickey") return true;
  if (step.key?.kind === "command") return true;
  const { key } = parsePublicKey(taken.blob);
  if (!key) return false;
  if (step.key?.kind === "key") return !key.certificate && printOf(key.blob) === step.key.fingerprint;
  return key.certificate !== undefined && printOf(key.certificate.signatureKey) === step.key?.fingerprint;
}
