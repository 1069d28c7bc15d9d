import { env } from "@/lib/env";

/** Who we are to an authenticator. From configuration, never from the request: a Host header can say anything. */
export interface RelyingParty {
  readonly id: string;
  readonly name: string;
  readonly origin: string;
}

/** The relying party of this installation: the host name of its address. */
export function relyingParty(): RelyingParty {
  const { origin } = env();
  return { id: new URL(origin).hostname, name: "Gatehouse", origin };
}
