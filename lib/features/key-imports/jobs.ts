import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { readImport } from "@/lib/features/key-imports/read-import";
import { enqueue } from "@/lib/jobs/enqueue";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** Subscriptions that one sweep begins at most; the next sweep comes in a quarter of an hour. */
const mostAtOnce = 200;
/** They are spread over so much of it: a provider sees no burst. */
const spreadSeconds = 600;

/** What the worker does for imports of keys. */
export const keyImportJobs: JobHandlers<"key-import.read" | "key-import.sweep"> = {
  "key-import.read": ({ importId }, context) => readImport(importId, context),

  async "key-import.sweep"() {
    const at = now();
    const due = await prisma().keyImport.findMany({
      where: { isSubscribed: true, nextReadAt: { lte: at }, person: { disabledAt: null } },
      select: { id: true },
      orderBy: { nextReadAt: "asc" },
      take: mostAtOnce,
    });
    await prisma().$transaction(async (db) => {
      for (const [index, { id }] of due.entries())
        await enqueue(
          db,
          "key-import.read",
          { importId: id },
          {
            jobKey: `key-import.read:${id}`,
            priority: 10,
            runAt: new Date(at.getTime() + (index * spreadSeconds * 1000) / due.length),
          },
        );
    });
  },
};
