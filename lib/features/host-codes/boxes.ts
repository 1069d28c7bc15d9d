import { z } from "zod";
import type { Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { findLiveWorkers } from "@/lib/jobs/liveness";
import { sealToBox } from "@/lib/secrets/box";

/** What an act brings to a host, besides its name. */
export const BoxContent = z.object({
  text: z.string().optional(),
  scratchCodes: z.array(z.string()).optional(),
  counter: z.number().optional(),
});
export type BoxContent = z.output<typeof BoxContent>;

/**
 * What a host gets, sealed to the memory of each live worker: the web process reaches no host, and the worker has no key
 * to people's secrets.
 *
 * @throws AppError `unavailable` when no worker lives
 */
export async function boxFor(
  db: Transaction,
  actId: string,
  content: BoxContent,
): Promise<Record<string, string>> {
  const workers = await findLiveWorkers(db);
  if (workers.length === 0)
    throw new AppError(
      "unavailable",
      "No worker is running, so nothing can reach the server. Start one and try again.",
    );
  const bytes = Buffer.from(JSON.stringify(content));
  const boxes = Object.fromEntries(
    workers.map(({ id, boxPublicKey }) => [
      id,
      sealToBox(boxPublicKey, bytes, boxContext(actId)).toString("base64"),
    ]),
  );
  bytes.fill(0);
  return boxes;
}

/** What a box is sealed for. */
export function boxContext(actId: string): string {
  return `host-code:${actId}`;
}
