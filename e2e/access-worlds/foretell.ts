import type { Wallet } from "@/e2e/access-worlds/client";
import { clientAddresses, doorFor } from "@/e2e/access-worlds/generate";
import { keyIn } from "@/e2e/access-worlds/keyring";
import { type Attempt, commonPassword, type TriedStep } from "@/e2e/access-worlds/world";
import { type AttemptResult, type Step, tryLogin } from "@/lib/access/attempt";
import type { LoginConnection } from "@/lib/access/connection";
import { printOf } from "@/lib/access/key-print";
import { algorithmsOf } from "@/lib/access/offered-key";
import type { TypedPassword } from "@/lib/access/password";
import type { Server } from "@/lib/access/server";
import { isBetween, isCovered, shortestSuccess } from "@/lib/access/testing/agreement";
import type { WayStep } from "@/lib/access/ways";
import type { LoginPath } from "@/lib/access/who-can-log-in";

const typedAs = (typed: string): TypedPassword =>
  typed === "" ? "empty" : typed === commonPassword ? "right" : "wrong";

/** A step as the model takes it. */
export function toStep(step: TriedStep, { ring, certificates }: Wallet): Step {
  switch (step.m) {
    case "none":
      return { method: "none" };
    case "password":
      return { method: "password", typed: typedAs(step.typed) };
    case "kbdint":
      return { method: "keyboard-interactive", typed: typedAs(step.typed) };
    case "hostbased": {
      const { type, blob } = keyIn(ring, step.key);
      const { clientHost, clientUser } = step;
      return { method: "hostbased", algorithm: type, blob, clientHost, clientUser, isSignatureValid: true };
    }
    case "publickey": {
      const { type, blob } = keyIn(ring, step.key);
      const { certificate, algorithm, isQuery, isBroken = false, flags = 1 } = step;
      const sent = certificate === undefined ? blob : certificates.get(certificate);
      if (!sent) throw new Error(`There is no certificate ${certificate}.`);
      const signature = isQuery ? undefined : { algorithm: type, isValid: !isBroken, flags };
      return { method: "publickey", algorithm, blob: sent, signature };
    }
  }
}

/** The connection of an attempt, at this moment. */
export function connectionOf({ user, from, to, port }: Attempt): LoginConnection {
  return { user, address: from, localAddress: to, localPort: port, now: Date.now() / 1000 };
}

/** How the model has an attempt end. */
export function foretell(server: Server, attempt: Attempt, wallet: Wallet): AttemptResult {
  return tryLogin(
    server,
    connectionOf(attempt),
    attempt.steps.map((step) => toStep(step, wallet)),
  );
}

/**
 * Is a login that was let in one of the paths, by the fewest of its steps?
 *
 * @returns undefined for what no path can be about: the model does not let it in either
 */
export function isForeseen(
  server: Server,
  paths: readonly LoginPath[],
  attempt: Attempt,
  wallet: Wallet,
): boolean | undefined {
  const connection = connectionOf(attempt);
  const isIn = (steps: readonly Step[]) => tryLogin(server, connection, steps) === "success";
  const taken = shortestSuccess(
    attempt.steps.map((step) => toStep(step, wallet)),
    isIn,
  );
  if (!taken) return undefined;
  const [user = ""] = attempt.user.split(":");
  return isCovered(paths, user, attempt.from, taken);
}

/** Attempts that have to succeed if the paths are true: each by its first fitting address, as far as we hold its keys. */
export function claimsOf(paths: readonly LoginPath[], server: Server, wallet: Wallet): Attempt[] {
  return paths.flatMap((path): Attempt[] => {
    if (path.dependsOn.length > 0) return [];
    const from = clientAddresses.find((address) => path.ranges.some((range) => isBetween(address, range)));
    if (from === undefined) return [];
    const [, to, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(path.to ?? "") ?? [];
    // Nobody comes from an IPv4 address to an IPv6 one.
    if (to !== undefined && to.includes(":") !== from.includes(":")) return [];
    // Where a list of methods asks for an empty password, only another text gets through.
    const isEmpty = server.accounts.get(path.account)?.password === "empty";
    const typed = isEmpty ? ["", commonPassword] : [commonPassword];
    const choices = path.steps
      .map((step) => stepsFor(step, typed, wallet))
      .reduce<TriedStep[][]>((all, next) => all.flatMap((a) => next.map((b) => [...a, b])), [[]]);
    const door = to === undefined ? doorFor(from, 22) : { to, port: Number(port) };
    const attempts = choices.map((steps): Attempt => ({ user: path.account, from, ...door, steps }));
    // Of the algorithms of an RSA key one is enough; when none is, the first shows it.
    const good = attempts.find((attempt) => foretell(server, attempt, wallet) === "success") ?? attempts[0];
    return good ? [good] : [];
  });
}

function stepsFor({ method, key }: WayStep, texts: readonly string[], { ring }: Wallet): TriedStep[] {
  if (method === "none") return [{ m: "none" }];
  if (method === "password") return texts.map((typed) => ({ m: "password", typed }));
  if (method === "keyboard-interactive") return texts.map((typed) => ({ m: "kbdint", typed }));
  if (method !== "publickey" || key?.kind !== "key") return [];
  const own = [...ring.values()].find(({ blob }) => printOf(blob) === key.fingerprint);
  if (!own) return [];
  return algorithmsOf(own.type).map((algorithm) => ({ m: "publickey", key: own.name, algorithm, flags: 5 }));
}
