import { openPrisma } from "@/lib/db/client";
import { listFleetAccess } from "@/lib/features/access/fleet-queries";
import { FleetAccessInput } from "@/lib/features/access/schema";
import { addActor, origin } from "@/lib/testing/arrange";
import { addFleet } from "@/lib/testing/fleet";
import { read } from "@/lib/usecase";

/** One view of the page Access, and how long the server reads for it. */
export interface Measured {
  readonly what: string;
  readonly medianMilliseconds: number;
  readonly p95Milliseconds: number;
}

interface Size {
  readonly hosts: number;
  readonly accounts: number;
  readonly rounds: number;
}

const views: Readonly<Record<string, object>> = {
  "the page as it opens": {},
  "far down in the list": { page: 1000 },
  "free words": { q: "user7 10.3" },
  "of one host": { host: "web-0007" },
  "hosts by a pattern": { host: "web-00*" },
  "root with a password": { is: ["root", "password"] },
  "nobody's keys, by host": { is: ["unowned"], by: "host" },
  "by account": { by: "account" },
  "by person": { by: "person" },
  "by last use": { sort: "used", direction: "descending" },
};

/**
 * Fills an empty, migrated database with a fleet, and reads each view of the page as the server does.
 *
 * @returns the number of ways in it, and the views in their order
 */
export async function measureFleet(
  url: string,
  { hosts, accounts, rounds }: Size,
): Promise<{ ways: number; views: Measured[] }> {
  const db = openPrisma(url, 10);
  globalThis.gatehousePrisma = db;
  try {
    const auditor = await addActor(db, "auditor", "Aud");
    const fleet = await addFleet(db, { hosts, accounts });
    await db.personKey.createMany({
      data: fleet.fingerprints
        .filter((_, index) => index % 5 === 0)
        .map((fingerprint) => ({
          personId: auditor.personId,
          fingerprint,
          type: "ssh-ed25519",
          blob: Buffer.from(fingerprint),
          bits: 256,
          name: "laptop",
          origin: "pasted" as const,
          provedAt: new Date(),
        })),
    });
    // As autovacuum does within a minute; a fleet is never this young on its first page.
    await db.$executeRaw`ANALYZE`;
    const measured: Measured[] = [];
    for (const [what, input] of Object.entries(views)) {
      const filter = FleetAccessInput.parse(input);
      const taken: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const from = performance.now();
        await read(listFleetAccess, filter, auditor, origin);
        // The first one fills caches.
        if (round > 0) taken.push(performance.now() - from);
      }
      taken.sort((a, b) => a - b);
      measured.push({
        what,
        medianMilliseconds: taken[taken.length >> 1] ?? 0,
        p95Milliseconds: taken[Math.ceil(taken.length * 0.95) - 1] ?? 0,
      });
    }
    return { ways: fleet.ways, views: measured };
  } finally {
    await db.$disconnect();
  }
}
