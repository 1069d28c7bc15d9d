import { CLIENT_ADDRESS_HEADER, clientAddress } from "./client-address.mjs";

/**
 * What stands in front of Next: refuses what must not reach it, and says who asks.
 *
 * There are no Server Actions, and the decoder of their arguments has had remote code execution in it, so such a request
 * ends here.
 *
 * @param {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => unknown} answer
 *   Next's request handler
 * @param {number} trustedProxies how many reverse proxies stand in front of us
 * @returns {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => void}
 */
export function frontDoor(answer, trustedProxies) {
  return (request, response) => {
    if (request.headers["next-action"] !== undefined) {
      response.writeHead(400, { "content-type": "text/plain; charset=utf-8", connection: "close" });
      response.end("Server Actions are not offered here. Use /api/v1.\n");
      return;
    }
    const forwardedFor = request.headers["x-forwarded-for"];
    request.headers[CLIENT_ADDRESS_HEADER] = clientAddress(
      request.socket.remoteAddress,
      forwardedFor,
      trustedProxies,
    );
    void answer(request, response);
  };
}
