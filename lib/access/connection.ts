import type { AccountFacts } from "@/lib/access/facts";
import type { Effective, Server } from "@/lib/access/server";
import { parseAddress, printAddress } from "@/lib/sshd-config/address";
import { lowerAscii } from "@/lib/sshd-config/pattern";

/** Who connects, from where to where. */
export interface LoginConnection {
  /** As the client sends it, without `:style`. */
  readonly user: string;
  /** The client's address as sshd prints it: "192.0.2.7", "2001:db8::1". */
  readonly address: string;
  readonly localAddress: string;
  readonly localPort: number;
  /** The client's clock does not count; this is the host's, in seconds since 1970. */
  readonly now: number;
}

/** A connection as the configuration, the lists and the keys of the host see it. */
export interface Situation {
  readonly server: Server;
  readonly connection: LoginConnection;
  /** Undefined: there is no such account. */
  readonly account: AccountFacts | undefined;
  readonly effective: Effective;
  /** The client's name: from /etc/hosts with `UseDNS yes`, otherwise its address. */
  readonly clientName: string;
  /** False: the name server of the host, which we cannot ask, decides what the name is. */
  readonly isNameCertain: boolean;
}

/**
 * What holds for a connection once the name of the account is known.
 *
 * @see OpenSSH auth.c:getpwnamallow
 */
export function meet(server: Server, connection: LoginConnection): Situation {
  const { user, address, localAddress, localPort } = connection;
  const account = server.accounts.get(user);
  const name = server.usesNames ? findName(server, address) : undefined;
  const clientName = name?.clientName ?? address;
  const effective = server.effective({
    user,
    host: clientName,
    address,
    localAddress,
    localPort,
    isInvalidUser: account === undefined,
  });
  return {
    server,
    connection,
    account,
    effective,
    clientName,
    isNameCertain: name?.isNameCertain ?? true,
  };
}

/**
 * The name of an address, when the name leads back to the address.
 *
 * @see OpenSSH canohost.c, auth.c:remote_hostname
 */
function findName(server: Server, address: string): Pick<Situation, "clientName" | "isNameCertain"> {
  const wanted = parseAddress(address);
  const text = server.facts.files["/etc/hosts"]?.text ?? "";
  const canonical = wanted ? printAddress(wanted) : address;
  for (const line of text.split("\n")) {
    const [first = "", name] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    const listed = parseAddress(first);
    if (!name || !listed || printAddress(listed) !== canonical) continue;
    return { clientName: parseAddress(name) ? address : lowerAscii(name), isNameCertain: true };
  }
  return { clientName: address, isNameCertain: false };
}
