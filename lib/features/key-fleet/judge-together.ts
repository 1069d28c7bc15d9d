import { compareStandings, standingOf } from "@/lib/access/judge-draft";
import { factsWithKeyFile } from "@/lib/access/key-file-draft";
import type { Transaction } from "@/lib/db/client";
import { judgeReading, type StoredReading } from "@/lib/features/changes/access-of-plan";
import { newestTexts } from "@/lib/features/changes/rules-of-plan";
import type { PlanAccessView } from "@/lib/features/changes/views";
import { listKeyOwners } from "@/lib/features/people/key-owners";
import type { Change } from "@/lib/generated/prisma/client";
import { decodeText } from "@/lib/text";

/**
 * Who gains and who loses on a host by several planned changes of key files together: two that are harmless each may
 * take an account's last way in.
 *
 * @param changes planned, of this host
 */
export async function judgeTogether(
  db: Transaction,
  hostId: string,
  changes: readonly Pick<Change, "account" | "path" | "keyBytes">[],
  reading: StoredReading,
  at: Date,
): Promise<PlanAccessView> {
  const people = await listKeyOwners(db);
  const texts = await newestTexts(db, hostId);
  const options = { texts, people, now: Math.floor(at.getTime() / 1000) };
  return judgeReading(
    reading,
    (facts) => {
      const before = standingOf(facts, options);
      if (before.server.refused !== undefined) return { side: "before", refused: before.server.refused };
      let after = facts;
      for (const { account, path, keyBytes } of changes)
        after = factsWithKeyFile(after, {
          account: account ?? "",
          path,
          text: decodeText(keyBytes ?? new Uint8Array()),
        });
      return compareStandings(before, standingOf(after, options));
    },
    at,
    changes.map(({ path }) => path).join(", "),
  );
}
