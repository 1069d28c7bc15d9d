import { z } from "zod";
import { chainStart } from "@/lib/db/activity-chain";
import type { Db } from "@/lib/db/client";
import { exportFormat, printRow } from "@/lib/features/activity/export-format";
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
    return signCheckpoint({ seq, hash, at: now.toISOString() });
  },
});

/** The export up to a signed head, line by line. */
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
    if (rows.length === 0) return;
    yield rows.map((row) => `${printRow(row)}\n`).join("");
    after = rows.at(-1)?.seq ?? end;
  }
}
