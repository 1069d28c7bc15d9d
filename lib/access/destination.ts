import type { HostFacts } from "@/lib/access/facts";
import type { Server } from "@/lib/access/server";

/** Where clients may arrive. */
export interface Destination {
  readonly localAddress: string;
  readonly localPort: number;
  readonly name: string;
}

/** Does sshd listen on addresses of the host's inside alone? Where none is known, it is not said. */
export function isLocalOnly({ sshd }: Pick<HostFacts, "sshd">): boolean {
  const listening = sshd.listeners.flatMap(({ addresses }) => addresses);
  return listening.length > 0 && listening.every((text) => /^(?:127\.|\[::1\]|::1:|localhost:)/.test(text));
}

/** Where clients may arrive. One stands for all unless a Match block tells them apart. */
export function destinationsOf(server: Server): Destination[] {
  const listening = server.facts.sshd.listeners.flatMap((l) => l.addresses);
  const found = listening.flatMap((text): Destination[] => {
    const read = /^\[?([^\]]*?)\]?:(\d+)$/.exec(text);
    if (!read) return [];
    const [, address = "", port = "22"] = read;
    const localAddress =
      address === "0.0.0.0" || address === "*" ? "127.0.0.1" : address === "::" ? "::1" : address;
    return [{ localAddress, localPort: Number(port), name: text }];
  });
  const first = found[0] ?? { localAddress: "127.0.0.1", localPort: 22, name: "0.0.0.0:22" };
  if (!server.looksAtLocal) return [first];
  return found.length > 0 ? found : [first];
}
