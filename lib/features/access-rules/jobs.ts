import { prisma } from "@/lib/db/client";
import { askForCheck, checkRulesOfHost } from "@/lib/features/access-rules/check-rules";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** What the worker does for rules about access. */
export const accessRuleJobs: JobHandlers<"access-rules.check" | "access-rules.check-all"> = {
  "access-rules.check": ({ hostId }) => checkRulesOfHost(hostId),

  async "access-rules.check-all"() {
    const db = prisma();
    const rules = await db.accessRule.count({ where: { isEnabled: true } });
    const results = await db.accessRuleResult.groupBy({ by: ["hostId"] });
    const read =
      rules === 0
        ? []
        : await db.accessReading.findMany({ where: { readAt: { not: null } }, select: { hostId: true } });
    // Hosts that were checked and are no longer read lose what they came to.
    const hostIds = new Set([...read, ...results].map(({ hostId }) => hostId));
    await db.$transaction(
      async (tx) => {
        for (const hostId of hostIds) await askForCheck(tx, hostId);
      },
      { timeout: 60_000 },
    );
  },
};
