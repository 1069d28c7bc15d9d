import { type Keyring, keyIn, signWith } from "@/e2e/access-worlds/keyring";
import { message, openTransport, type Route, type Transport } from "@/e2e/access-worlds/transport";
import type { TriedStep } from "@/e2e/access-worlds/world";
import type { AttemptResult } from "@/lib/access/attempt";
import { concatenate, printString, printUint32, WireReader } from "@/lib/openssh-keys/wire";

const userauth = { request: 50, failure: 51, success: 52, banner: 53, more: 60, infoResponse: 61 } as const;
const globalRequest = 80;
const requestReplies = [81, 82];
const service = "ssh-connection";
/** PAM may ask for a new password several times; a host that asks for ever is not one of ours. */
const mostQuestions = 20;

/** What a client holds: keys, and certificates by name. */
export interface Wallet {
  readonly ring: Keyring;
  readonly certificates: ReadonlyMap<string, Uint8Array>;
}

/**
 * Tries steps one after the other over one connection to a real sshd, and says how it ends.
 *
 * @see RFC 4252, RFC 4256
 */
export async function login(
  route: Route,
  user: string,
  steps: readonly TriedStep[],
  wallet: Wallet,
): Promise<AttemptResult> {
  const transport = await openTransport(route);
  if (!transport) return "closed";
  try {
    transport.send(concatenate([Uint8Array.of(message.serviceRequest), printString("ssh-userauth")]));
    if ((await transport.receive())?.[0] !== message.serviceAccept) return "closed";
    for (const step of steps) {
      transport.send(requestOf(step, user, transport, wallet));
      const answer = await finishStep(transport, step);
      if (answer === undefined) return "closed";
      if (answer === userauth.success) return (await isAlive(transport)) ? "success" : "closed-after-success";
    }
    return "denied";
  } finally {
    transport.close();
  }
}

/** The message that ends the step; undefined when the host closes. */
async function finishStep(transport: Transport, step: TriedStep): Promise<number | undefined> {
  for (let asked = 0; asked < mostQuestions; ) {
    const answer = await transport.receive();
    switch (answer?.[0]) {
      case undefined:
        return undefined;
      case userauth.banner:
        continue;
      case userauth.more:
        if (step.m !== "kbdint") return userauth.more;
        asked++;
        transport.send(answersTo(answer, step.typed));
        continue;
      default:
        return answer?.[0];
    }
  }
  throw new Error("The host does not stop asking.");
}

function answersTo(question: Uint8Array, typed: string): Uint8Array {
  const reader = new WireReader(question.subarray(1));
  for (let i = 0; i < 3; i++) reader.readString();
  const count = reader.readUint32() ?? 0;
  const answers = Array.from({ length: count }, () => printString(typed));
  return concatenate([Uint8Array.of(userauth.infoResponse), printUint32(count), ...answers]);
}

function requestOf(step: TriedStep, user: string, transport: Transport, wallet: Wallet): Uint8Array {
  const begin = (method: string) =>
    concatenate([
      Uint8Array.of(userauth.request),
      printString(user),
      printString(service),
      printString(method),
    ]);
  switch (step.m) {
    case "none":
      return begin("none");
    case "password":
      return concatenate([begin("password"), Uint8Array.of(0), printString(step.typed)]);
    case "kbdint":
      return concatenate([begin("keyboard-interactive"), printString(""), printString("")]);
    case "publickey": {
      const key = keyIn(wallet.ring, step.key);
      const blob = step.certificate === undefined ? key.blob : wallet.certificates.get(step.certificate);
      if (!blob) throw new Error(`There is no certificate ${step.certificate}.`);
      const head = [printString(step.algorithm), printString(blob)];
      if (step.isQuery) return concatenate([begin("publickey"), Uint8Array.of(0), ...head]);
      const request = concatenate([begin("publickey"), Uint8Array.of(1), ...head]);
      const signed = concatenate([printString(transport.sessionId), request]);
      const { algorithm, flags = 1, isBroken = false } = step;
      return concatenate([request, printString(signWith(key, signed, { algorithm, flags, isBroken }))]);
    }
    case "hostbased": {
      const key = keyIn(wallet.ring, step.key);
      const request = concatenate([
        begin("hostbased"),
        ...[key.type, key.blob, step.clientHost, step.clientUser].map((part) => printString(part)),
      ]);
      const signed = concatenate([printString(transport.sessionId), request]);
      const options = { algorithm: key.type, flags: 1, isBroken: false };
      return concatenate([request, printString(signWith(key, signed, options))]);
    }
  }
}

/** The session's process answers; where it could not be set up, the connection ends instead. */
async function isAlive(transport: Transport): Promise<boolean> {
  transport.send(
    concatenate([Uint8Array.of(globalRequest), printString("keepalive@openssh.com"), Uint8Array.of(1)]),
  );
  for (;;) {
    const answer = await transport.receive();
    if (!answer) return false;
    if (requestReplies.includes(answer[0] ?? 0)) return true;
  }
}
