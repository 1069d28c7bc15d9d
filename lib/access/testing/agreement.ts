import { type Step, tryLogin } from "@/lib/access/attempt";
import { printOf } from "@/lib/access/key-print";
import { algorithmsOf } from "@/lib/access/offered-key";
import type { TypedPassword } from "@/lib/access/password";
import type { Server } from "@/lib/access/server";
import type { LoginWorld } from "@/lib/access/testing/corpus";
import type { WayStep } from "@/lib/access/ways";
import type { LoginPath } from "@/lib/access/who-can-log-in";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";
import { parseAddress } from "@/lib/sshd-config/address";

/** A key or certificate that a client of a test holds. */
export interface Offer {
  readonly sent: Uint8Array;
  readonly key: DecodedKey;
}

/** The moment of all tests, at which the world's certificates are good: 2026-07-01. */
export const testMoment = Date.UTC(2026, 6, 1) / 1000;

/** The keys and certificates of the world. */
export function offersOf(world: LoginWorld): Offer[] {
  return [...world.files].flatMap(([name, bytes]): Offer[] => {
    if (!/\.(?:pub|cert)$/.test(name)) return [];
    const sent = decodeBase64(new TextDecoder().decode(bytes).trim().split(/\s+/)[1] ?? "");
    const key = sent && parsePublicKey(sent).key;
    return sent && key ? [{ sent, key }] : [];
  });
}

/** A client that signs with a key, in every way it can. */
export function keySteps({ sent, key }: Offer): Step[] {
  return algorithmsOf(key.type).map((algorithm): Step => {
    const signature = { algorithm: key.type, isValid: true, flags: 5 };
    return { method: "publickey", algorithm, blob: sent, signature };
  });
}

export const connectionTo = (user: string, address: string) => ({
  user,
  address,
  localAddress: address.includes(":") ? "::1" : "127.0.0.1",
  localPort: 22,
  now: testMoment,
});

/**
 * Does `tryLogin` let the path in at both ends of each of its runs of addresses?
 *
 * @returns the addresses at which it does not; undefined when the path cannot be tried: it depends on the host, or
 *   there is no certificate for it among the offers
 */
export function findBrokenClaims(
  server: Server,
  path: LoginPath,
  offers: readonly Offer[],
): string[] | undefined {
  const keys = path.steps.flatMap(({ key }) => key?.kind ?? []);
  // A certificate next to another key takes two that differ, and the world has few.
  if (path.dependsOn.length > 0 || (keys.length > 1 && keys.includes("authority"))) return undefined;
  const isEmpty = server.accounts.get(path.account)?.password === "empty";
  const choices = product(path.steps.map((step) => attemptsAt(step, isEmpty, offers))).filter(hasOwnKeys);
  if (choices.length === 0) return undefined;
  const ends = new Set(path.ranges.flatMap(({ first, last }) => [first, last]));
  return [...ends].filter((address) => {
    const connection = connectionTo(path.account, address);
    return !choices.some((steps) => tryLogin(server, connection, steps) === "success");
  });
}

const typedBy = (isPasswordEmpty: boolean): readonly TypedPassword[] =>
  isPasswordEmpty ? ["empty", "wrong"] : ["right"];

/** One certificate of an authority may be enough. */
function attemptsAt(step: WayStep, isPasswordEmpty: boolean, offers: readonly Offer[]): Step[] {
  const { method } = step;
  switch (method) {
    case "none":
      return [{ method: "none" }];
    case "password":
    case "keyboard-interactive":
      // Where a list of methods asks for an empty password, only another text gets through.
      return typedBy(isPasswordEmpty).map((typed): Step => ({ method, typed }));
    case "publickey":
      return offers.filter(({ key }) => fits(key, step)).flatMap(keySteps);
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
    Number(certificate.validAfter) <= testMoment &&
    Number(certificate.validBefore) > testMoment
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

/** The fewest of the steps, in their order, that are let in; undefined when none are. */
export function shortestSuccess(
  steps: readonly Step[],
  isIn: (steps: readonly Step[]) => boolean,
): Step[] | undefined {
  const subsets = Array.from({ length: 2 ** steps.length - 1 }, (_, i) =>
    steps.filter((_step, j) => ((i + 1) >> j) & 1),
  );
  return subsets.sort((a, b) => a.length - b.length).find(isIn);
}

/** Is a login that succeeded, with no step too many, one of the paths? */
export function isCovered(
  paths: readonly LoginPath[],
  account: string,
  address: string,
  steps: readonly Step[],
): boolean {
  return paths.some(
    (path) =>
      path.account === account &&
      path.ranges.some((range) => isBetween(address, range)) &&
      path.steps.length === steps.length &&
      path.steps.every((step, i) => isStepOf(step, steps[i])),
  );
}

/** Does the address lie in the run? */
export function isBetween(address: string, { first, last }: { first: string; last: string }): boolean {
  const [a, f, l] = [address, first, last].map((text) => parseAddress(text));
  if (!a || !f || !l || a.family !== f.family) return false;
  const hex = (x: { bytes: readonly number[] }) =>
    x.bytes.map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex(f) <= hex(a) && hex(a) <= hex(l);
}

function isStepOf(step: WayStep, taken: Step | undefined): boolean {
  if (!taken) return false;
  if (taken.method === "password" && taken.typed === "empty" && step.method === "none") return true;
  if (step.method !== taken.method) return false;
  if (taken.method !== "publickey" || step.key?.kind === "command") return true;
  const { key } = parsePublicKey(taken.blob);
  if (!key) return false;
  if (step.key?.kind === "key") return !key.certificate && printOf(key.blob) === step.key.fingerprint;
  return key.certificate !== undefined && printOf(key.certificate.signatureKey) === step.key?.fingerprint;
}

/** For people who read a failing test. */
export const methodsOf = (path: LoginPath) =>
  path.steps.map((s) => `${s.method} ${s.key?.fingerprint ?? ""}`.trim()).join(" + ");
