import { AppError } from "@/lib/errors";
import { createBatch } from "@/lib/features/key-fleet/create-batch";
import { FoundBatchInput, type Wish } from "@/lib/features/key-fleet/schema";
import { can } from "@/lib/policy/permissions";
import { command } from "@/lib/usecase";

/** Plans that keys which were found on hosts go, or end, wherever they stand by the last readings. */
export const planFound = command({
  name: "key-batch.plan-found",
  permission: "config:draft",
  input: FoundBatchInput,
  async run(input, { db, actor, now, record }) {
    if (input.kind === "expire") {
      if (!can(actor.role, "access:grant"))
        throw new AppError(
          "forbidden",
          "To give a key an end its line is written anew, and nobody has granted it. Ask an owner or admin.",
        );
      if (new Date(input.at) <= now)
        throw new AppError("invalid", "The end lies in the past. To end it now, remove it.", {
          fields: { at: "Choose a later moment." },
        });
    }
    const prints = [...new Set(input.fingerprints)];
    const places = await db.foundKey.findMany({
      where: { fingerprint: { in: prints }, goneAt: null, host: { state: { not: "archived" } } },
      distinct: ["hostId", "fingerprint"],
      select: { hostId: true, fingerprint: true },
      orderBy: [{ host: { name: "asc" } }, { fingerprint: "asc" }],
    });
    if (places.length === 0)
      throw new AppError("not_found", "None of these keys stands on a host, by the last readings.");
    const wishes = new Map<string, Wish[]>();
    for (const { hostId, fingerprint } of places) {
      const wish: Wish =
        input.kind === "remove"
          ? { kind: "remove", fingerprint }
          : { kind: "expire", fingerprint, at: input.at };
      wishes.set(hostId, [...(wishes.get(hostId) ?? []), wish]);
    }
    const keys = `${prints.length} ${prints.length === 1 ? "key" : "keys"}`;
    const title =
      input.kind === "remove"
        ? `Remove ${keys} everywhere`
        : `Let ${keys} end on ${input.at.slice(0, 10)} everywhere`;
    const batchId = await createBatch({ db, actor, now }, { kind: input.kind, title, wishes });
    record({
      target: { type: "batch", id: batchId, name: title },
      detail: { fingerprints: prints, hosts: wishes.size },
    });
    return { batchId };
  },
});
