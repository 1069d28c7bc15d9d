import { z } from "zod";
import { chainStart } from "@/lib/db/activity-chain";
import type { Db } from "@/lib/db/client";
import { exportFormat, printCheckpointRow, printRow } from "@/lib/features/activity/export-format";
import { signCheckpoint } from "@/lib/secrets/checkpoint";
import { command } from "@/lib/usecase";

/** Rows read at once: an export of years must not stand in memory. */
const portion = 1000;

/** Decides where an export ends and signs that. The rows are then read by `exportLines`. */
export const exportActivity = command({
  name: "activity.export",
  permission: "activity:export",
  stepUp: true,
  input: z.strictObject({}),
  async run(_, { db, now, record }) {
    const last = await db.activity.findFirst({
      orderBy: { seq: "desc" },
      select: { seq: true, hash: true },
    });
    const seq = (last?.seq ?? 0n).toString();
    record({ detail: { rows: seq } });
    const hash = Buffer.from(last?.hash ?? chainStart).toString("hex");
    return signCheckpoint({ seq, hash, at: now.toISOString() }, "web");
  },
});

/** The export up to a signed head, line by line; the checkpoints that the worker signed on the way come last. */
export async function* exportLines(
  db: Db,
  head: Awaited<ReturnType<typeof exportActivity.run>>,
): AsyncGenerator<string, void> {
  yield `${JSON.stringify({ format: exportFormat, head })}\n`;
  const end = BigInt(head.seq);
  for (let after = 0n; after < end; ) {
    const rows = await db.activity.findMany({
      where: { seq: { gt: after, lte: end } },
      orderBy: { seq: "asc" },
      take: portion,
    });
    if (rows.length === 0) break;
    yield rows.map((row) => `${printRow(row)}\n`).join("");
    after = rows.at(-1)?.seq ?? end;
  }
  // By moment, not by row: one that names a row beyond the head is what shows that rows were cut off before the export.
  const checkpoints = await db.activityCheckpoint.findMany({
    where: { at: { lte: new Date(head.at) } },
    orderBy: { seq: "asc" },
  });
  yield checkpoints.map((checkpoint) => `${printCheckpointRow(checkpoint)}\n`).join("");
}
