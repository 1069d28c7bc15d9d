import type { Db, Transaction } from "@/lib/db/client";
import { gatherEvidence } from "@/lib/features/readiness/evidence";
import { type HostReadiness, judgeReadiness } from "@/lib/two-factor/readiness";

/**
 * How ready a host is for requiring a second factor, by stored readings; undefined when there is no such host.
 *
 * The plan of a requirement asks this with readings made for it, and again in the transaction that applies it: people
 * lose phones in between.
 */
export async function judgeHost(
  db: Db | Transaction,
  hostId: string,
  now: Date,
): Promise<HostReadiness | undefined> {
  const [known] = await gatherEvidence(db, [hostId], now);
  return known && judgeReadiness(known.evidence);
}
