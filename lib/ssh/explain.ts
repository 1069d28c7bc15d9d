import { type OfferedKey, SshError } from "@/lib/ssh/errors";

/** What was seen of a connection before it failed. */
export interface Seen {
  readonly connected: boolean;
  readonly handshaken: boolean;
  readonly offered: OfferedKey | undefined;
}

const penaltyHint =
  "It may be refusing this address for a while: OpenSSH 9.8 and later do so after failed logins (PerSourcePenalties), and MaxStartups or a firewall look the same. Wait a minute, then look at the server's sshd log.";

/** From what ssh2 and the socket say to one sentence for people, each with what to do next. */
export const explain = {
  timedOut(connected: boolean, seconds: number): SshError {
    return connected
      ? new SshError(
          "timed-out",
          `The server accepted the connection but did not finish the login within ${seconds} s.`,
        )
      : new SshError(
          "timed-out",
          `Nothing answered within ${seconds} s. Check the address, the port, and the firewall between.`,
        );
  },

  hostKeyChanged(offered: OfferedKey | undefined): SshError {
    return new SshError(
      "host-key-changed",
      "The server's host key is not the pinned one. Nothing was sent to it.",
      { offered },
    );
  },

  authenticationRefused(isPartial: boolean): SshError {
    return new SshError(
      "authentication-refused",
      isPartial
        ? "The server accepted this and asks for a further factor, which cannot be given here."
        : "The server refused the login: this account, key or password is not accepted there.",
    );
  },

  badKey(detail: string, hasPassphrase: boolean): SshError {
    if (/passphrase/i.test(detail) && !hasPassphrase)
      return new SshError("bad-credential", "This private key has a passphrase. Give it as well.");
    if (/passphrase|integrity check/i.test(detail))
      return new SshError("bad-credential", "The passphrase does not open this private key.");
    return new SshError(
      "bad-credential",
      "This is no private key that Gatehouse can read. Paste the whole file, from its BEGIN line to its END line.",
    );
  },

  failed(error: Error & { level?: string; code?: unknown }, seen: Seen): SshError {
    const cause = error;
    switch (error.code) {
      case "ECONNREFUSED":
        return new SshError("refused", "Nothing listens at this address and port. Is sshd running there?", {
          cause,
        });
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return new SshError("unreachable", "This name has no address. Check its spelling and the DNS.", {
          cause,
        });
      case "ETIMEDOUT":
        return new SshError("timed-out", "Nothing answered. Check the address, the port, and the firewall.", {
          cause,
        });
      case "EHOSTUNREACH":
      case "ENETUNREACH":
        return new SshError("unreachable", "No route leads to this address from here.", { cause });
    }
    // A reset may overtake the news that the connection was there.
    const isCut = error.code === "ECONNRESET" || error.message.includes("before handshake");
    if (isCut && !seen.handshaken) return explain.closed({ ...seen, connected: true });
    if (!seen.connected) return new SshError("unreachable", "No connection came about.", { cause });
    if (!seen.handshaken)
      return new SshError("handshake-failed", "The server speaks no SSH that Gatehouse can agree on.", {
        cause,
      });
    return new SshError("connection-lost", "The connection broke off.", { cause });
  },

  closed(seen: Seen): SshError {
    if (!seen.connected) return new SshError("unreachable", "No connection came about.");
    if (!seen.handshaken)
      return new SshError(
        "cut-before-banner",
        `The server closed the connection before the login could begin. ${penaltyHint}`,
      );
    return new SshError("connection-lost", "The server closed the connection.");
  },
} as const;
