import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Problem } from "../../lib/db/problem.mjs";

/** A start that follows a killed one: its web process needs a moment to notice. */
const PATIENCE_SECONDS = 3;

/**
 * Refuses early, before minutes of installing, when the address cannot be listened on.
 *
 * @param {string} host
 * @param {number} port
 * @throws {Problem}
 */
export async function checkPort(host, port) {
  const giveUpAt = performance.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const code = await tryListening(host, port);
    if (code === undefined) return;
    if (code !== "EADDRINUSE" || performance.now() > giveUpAt) throw explainListen(code, host, port);
    await delay(200);
  }
}

/** @param {string} code of a failed listen @returns {Problem} */
export function explainListen(code, host, port) {
  if (code === "EADDRINUSE")
    return new Problem(
      `Port ${port} on ${host} is taken by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`,
    );
  if (code === "EACCES")
    return new Problem(
      `Port ${port} needs more rights than this account has. Choose one from 1024 up: PORT=3000 npm start`,
    );
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new Problem(
      `This machine has no address ${host}. Set HOST to one that it has, or leave it out for this machine only (127.0.0.1).`,
    );
  return new Problem(`Listening on ${host}, port ${port}, is not possible: ${code}.`);
}

function tryListening(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) =>
      resolve(/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
