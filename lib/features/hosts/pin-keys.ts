import type { Transaction } from "@/lib/db/client";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { fingerprintOf } from "@/lib/ssh/keys";

export interface KnownKey {
  readonly type: string;
  readonly blob: Uint8Array;
  readonly fingerprint: string;
}

/** At most so many host keys a host; sshd has three by default. */
const mostKeys = 16;

/** The host keys among public key lines; what is none is left out. */
export function keysOf(lines: readonly string[]): KnownKey[] {
  const keys = lines.slice(0, mostKeys).flatMap((line) => {
    const key = parsePublicKey(line);
    return key ? [{ type: key.type, blob: key.blob, fingerprint: fingerprintOf(key.blob) }] : [];
  });
  return keys.filter(
    (key, index) => keys.findIndex((other) => other.fingerprint === key.fingerprint) === index,
  );
}

/** The host keys in an install report: its lines `hostkey.N=type base64 …`. */
export function reportedKeys(report: string): KnownKey[] {
  return keysOf(report.split("\n").flatMap((line) => /^hostkey\.[0-9]{1,2}=(.*)$/.exec(line)?.[1] ?? []));
}

/**
 * Makes keys the pins of a host.
 *
 * @param request.retireOthers what was pinned or offered before is no longer valid (a new enrolment); otherwise only
 *   keys of types without a pin are added: a key of a type that is pinned is never replaced here
 */
export async function pinKeys(
  db: Transaction,
  request: {
    hostId: string;
    keys: readonly KnownKey[];
    origin: string;
    now: Date;
    personId?: string;
    retireOthers?: boolean;
  },
): Promise<void> {
  const { hostId, now } = request;
  if (request.retireOthers)
    await db.hostKeyPin.updateMany({ where: { hostId, retiredAt: null }, data: { retiredAt: now } });
  const pinned = await db.hostKeyPin.findMany({
    where: { hostId, retiredAt: null, offeredAt: null },
    select: { type: true },
  });
  const types = new Set(pinned.map((pin) => pin.type));
  const added = request.keys.filter((key) => !types.has(key.type));
  if (added.length === 0) return;
  await db.hostKeyPin.createMany({
    data: added.map((key) => ({
      hostId,
      type: key.type,
      blob: Buffer.from(key.blob),
      fingerprint: key.fingerprint,
      origin: request.origin,
      pinnedById: request.personId,
      pinnedAt: now,
    })),
  });
}
