import { lookup } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { sleep } from "@/lib/clock";
import { AppError } from "@/lib/errors";
import { refuseAddress } from "@/lib/key-import/address";

/** The most that keys of one person take: about a hundred RSA keys. */
export const mostBytes = 64 * 1024;
/** From the question for the address to the last byte. */
const deadlineSeconds = 5;

/** The ways out of this process, as far as a fetch needs them. What may be reached is not theirs to say. */
export interface Network {
  /** Every address of a name, as the system's resolver knows them. */
  resolve(name: string): Promise<readonly string[]>;
  /** A connection to exactly this address. */
  dial(address: string, port: number): Socket;
  /** Who is believed about names; undefined: whom Node believes. */
  readonly authorities?: string;
}

export const internet: Network = {
  resolve: async (name) => (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address),
  dial: (address, port) => connect({ host: address, port, noDelay: true }),
};

/**
 * What stands at an https address, as text.
 *
 * The name is resolved once, each of its addresses must be one of the public Internet, and the connection goes to the
 * first of them that can be reached and to nobody else: a name that changes its mind in between changes nothing. No
 * redirect is followed, no proxy is used, at most 64 KiB are read, all within 5 seconds.
 *
 * @throws AppError `unavailable`, with one sentence for people
 */
export async function fetchText(url: URL, signal: AbortSignal, network: Network = internet): Promise<string> {
  if (url.protocol !== "https:") throw refused(`${url.protocol} is not https.`);
  const ended = new AbortController();
  const stop = () => ended.abort();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  let timedOut = false;
  void sleep(deadlineSeconds, ended.signal).then(() => {
    timedOut = !ended.signal.aborted;
    ended.abort();
  });
  try {
    const addresses = await checkedAddresses(url.hostname, network, ended.signal);
    return await readFromFirst(url, addresses, network, ended.signal);
  } catch (error) {
    if (timedOut) throw refused(`${url.host} did not answer within ${deadlineSeconds} seconds.`, error);
    if (error instanceof AppError) throw error;
    throw refused(`${url.host} could not be read: ${wordsOf(error)}.`, error);
  } finally {
    signal.removeEventListener("abort", stop);
    ended.abort();
  }
}

/** The resolver cannot be told to stop: it is left alone with its answer. */
async function checkedAddresses(
  name: string,
  network: Network,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const addresses = await Promise.race([network.resolve(name), rejectOnAbort(signal)]);
  if (addresses.length === 0) throw refused(`${name} has no address.`);
  for (const address of addresses) {
    const reason = refuseAddress(address);
    // One bad address among good ones is how a name is bent to the inside.
    if (reason) throw refused(`${name} was not asked: ${reason}.`);
  }
  return addresses;
}

/** What says that there is no way to an address, as with IPv6 in a network without it: another one may do. */
const unreachable = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "ECONNREFUSED"]);

async function readFromFirst(
  url: URL,
  [address, ...others]: readonly string[],
  network: Network,
  signal: AbortSignal,
): Promise<string> {
  if (address === undefined) throw refused(`${url.host} has no address.`);
  try {
    return await readAnswer(url, address, network, signal);
  } catch (error) {
    if (others.length === 0 || !unreachable.has(codeOf(error))) throw error;
    return readFromFirst(url, others, network, signal);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error("stopped"));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}

function readAnswer(url: URL, address: string, network: Network, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({
      method: "GET",
      host: url.hostname,
      port: url.port || 443,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        accept: "text/plain",
        "accept-encoding": "identity",
        "user-agent": "Gatehouse (key import)",
        connection: "close",
      },
      signal,
      maxHeaderSize: 16 * 1024,
      createConnection: () =>
        connectTls({
          socket: network.dial(address, Number(url.port || 443)),
          servername: url.hostname,
          ALPNProtocols: ["http/1.1"],
          ca: network.authorities,
          rejectUnauthorized: true,
          minVersion: "TLSv1.2",
        }),
    });
    asked.on("error", reject);
    asked.on("upgrade", (_, socket) => {
      socket.destroy();
      reject(refused(`${url.host} answered with something that is no file.`));
    });
    asked.on("response", (answer) => {
      readBody(url, answer).then(resolve, (error) => {
        asked.destroy();
        reject(error);
      });
    });
    asked.end();
  });
}

async function readBody(url: URL, answer: IncomingMessage): Promise<string> {
  const { statusCode = 0, headers } = answer;
  if (statusCode >= 300 && statusCode < 400)
    throw refused(`${url.host} sends readers elsewhere, which is not followed. Is the name right?`);
  if (statusCode === 404 || statusCode === 410) throw refused(`${url.host} knows nobody of that name.`);
  if (statusCode === 429) throw refused(`${url.host} wants to be asked less often.`);
  if (statusCode !== 200) throw refused(`${url.host} answered ${statusCode}.`);
  if (headers["content-encoding"] && headers["content-encoding"] !== "identity")
    throw refused(`${url.host} answered in an encoding that was not asked for.`);
  if (/^text\/html/i.test(headers["content-type"] ?? ""))
    throw refused(`${url.host} answered with a page for people, not with keys. Is the address right?`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) throw new Error("an answer that is no bytes");
    length += chunk.length;
    if (length > mostBytes) throw refused(`${url.host} answered more than ${mostBytes / 1024} KiB.`);
    chunks.push(chunk);
  }
  if (!answer.complete) throw refused(`${url.host} broke off in the middle.`);
  return Buffer.concat(chunks).toString("utf8");
}

/** Codes of Node's resolver, sockets and TLS; no text that a stranger's server may have chosen. */
function wordsOf(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "nobody knows this name";
  if (code === "ECONNREFUSED") return "it refuses connections";
  if (code === "ECONNRESET" || code === "EPIPE") return "it broke the connection off";
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|SSL|TLS/.test(code)) return "it cannot prove its name (TLS)";
  return code === "" ? "its answer is no HTTP" : `the connection failed (${code})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError("unavailable", message, { cause });
}
