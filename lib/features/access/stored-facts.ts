import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";
import { Logins, StoredFacts } from "@/lib/features/access/schema";
import { log } from "@/lib/log";

/** More than the agent can send, as JSON. */
const largestBytes = 64 * 1024 * 1024;

/** The facts as the column AccessReading.facts holds them; logins have a column of their own. */
export function packFacts(facts: HostFacts): Uint8Array<ArrayBuffer> {
  return new Uint8Array(deflateRawSync(JSON.stringify({ ...facts, logins: [] })));
}

/** @throws when the bytes are not what `packFacts` made */
export function unpackFacts(bytes: Uint8Array): HostFacts {
  const json = inflateRawSync(bytes, { maxOutputLength: largestBytes }).toString("utf8");
  return StoredFacts.parse(JSON.parse(json));
}

/** The same for whoever can do without: undefined where there are none, or none that can be read, which the log says. */
export function readableFacts(hostId: string, bytes: Uint8Array | null | undefined): HostFacts | undefined {
  if (!bytes) return undefined;
  try {
    return unpackFacts(bytes);
  } catch (error) {
    log.warn("Stored facts of a host cannot be read", { hostId, error });
    return undefined;
  }
}

/** The column AccessReading.logins; what is none is no login. */
export function storedLogins(column: unknown): LoginFacts[] {
  return Logins.safeParse(column).data ?? [];
}
