/** Carries the client's address from the socket to the routes. A client's own header of this name never gets through. */
export const CLIENT_ADDRESS_HEADER = "x-gatehouse-client-address";

/**
 * Who asks: the peer of the connection, or, behind trusted proxies, what the outermost of them saw.
 *
 * Each proxy adds the address of its own peer at the right end of X-Forwarded-For; what stands further left was written
 * by the client and may be anything.
 *
 * @param {string | undefined} peer remote address of the socket
 * @param {string | string[] | undefined} forwardedFor
 * @param {number} trustedProxies how many stand in front
 * @returns {string} "unknown" when the socket is gone
 */
export function clientAddress(peer, forwardedFor, trustedProxies) {
  const seen = [forwardedFor ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  const address = trustedProxies > 0 ? (seen.at(-trustedProxies) ?? seen[0] ?? peer) : peer;
  // IPv4 over an IPv6 socket: one client, one name.
  return (address ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");
}
