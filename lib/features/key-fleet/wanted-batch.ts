import type { z } from "zod";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { createBatch } from "@/lib/features/key-fleet/create-batch";
import { WantedBatchInput, type Wish } from "@/lib/features/key-fleet/schema";
import { readWantedOf, type Wanted, whyUnwanted } from "@/lib/features/placements/wanted";
import { command } from "@/lib/usecase";

/**
 * Plans, on every host that it is about, what grants want and is not there, or what stands there and is unwanted.
 *
 * Which that is follows from what was last read; each host is read anew before anything is planned on it.
 */
export const planWanted = command({
  name: "key-batch.plan-wanted",
  permission: "config:draft",
  input: WantedBatchInput,
  prepare: async (input, { db, now }) => findWork(db, input, now),
  async run({ kind, personId }, { db, actor, now, prepared, record }) {
    const { wishes, title } = prepared;
    if (wishes.size === 0)
      throw new AppError(
        "conflict",
        kind === "place"
          ? "Everything that is wanted there is there already, as far as was read."
          : "Nothing there is unwanted, as far as was read.",
      );
    const batchId = await createBatch(
      { db, actor, now },
      { kind, title, wishes, ...(personId && { personId }) },
    );
    record({ target: { type: "batch", id: batchId, name: title }, detail: { hosts: wishes.size } });
    return { batchId };
  },
});

async function findWork(db: Db, input: z.output<typeof WantedBatchInput>, now: Date) {
  const { kind, personId, tag, hostIds, account } = input;
  const person = personId ? await db.person.findUnique({ where: { id: personId } }) : null;
  if (personId && !person) throw new AppError("not_found", "There is no such person.");
  const hosts = await db.host.findMany({
    where: {
      state: { not: "archived" },
      ...(hostIds && { id: { in: hostIds } }),
      ...(tag && { tags: { has: tag } }),
    },
    orderBy: { name: "asc" },
    select: { id: true, name: true, tags: true },
  });
  const [wantedOf, found] = await Promise.all([
    readWantedOf(db, now),
    db.foundKey.findMany({
      where: { hostId: { in: hosts.map(({ id }) => id) }, goneAt: null, ...(account && { account }) },
      select: { hostId: true, account: true, fingerprint: true, isAuthority: true },
    }),
  ]);
  const there = new Map<string, Line[]>();
  for (const { hostId, ...line } of found) there.set(hostId, [...(there.get(hostId) ?? []), line]);
  const wishes = new Map<string, Wish[]>();
  for (const host of hosts) {
    const wanted = wantedOf(host);
    const lines = there.get(host.id) ?? [];
    const list =
      kind === "place"
        ? missing(wanted, lines).filter((wish) => account === undefined || account === wish.account)
        : unwanted(wanted, lines);
    const own = list.filter((wish) => isOf(wanted, wish, personId));
    if (own.length > 0) wishes.set(host.id, own);
  }
  const whose = person ? ` of ${person.name}` : "";
  const where = tag
    ? ` on hosts with the tag ${tag}`
    : hostIds
      ? ` on ${hosts.length === 1 ? hosts[0]?.name : `${hosts.length} hosts`}`
      : "";
  const title =
    kind === "place" ? `Place the wanted keys${whose}${where}` : `Remove the unwanted keys${whose}${where}`;
  return { wishes, title };
}

interface Line {
  readonly account: string;
  readonly fingerprint: string;
  readonly isAuthority: boolean;
}

function missing(wanted: Wanted, lines: readonly Line[]): PlaceOrWithdraw[] {
  const there = new Set(
    lines.filter(({ isAuthority }) => !isAuthority).map((line) => `${line.account} ${line.fingerprint}`),
  );
  return wanted.keys
    .filter((key) => !there.has(`${key.account} ${key.fingerprint}`))
    .map(({ account, keyId, fingerprint }) => ({ kind: "place", account, keyId, fingerprint }));
}

type PlaceOrWithdraw = Extract<Wish, { kind: "place" | "withdraw" }>;

function unwanted(wanted: Wanted, lines: readonly Line[]): PlaceOrWithdraw[] {
  const wishes = new Map<string, PlaceOrWithdraw>();
  for (const { account, fingerprint, isAuthority } of lines) {
    const owner = wanted.known.get(fingerprint);
    const isGranted =
      !isAuthority && wanted.keys.some((key) => key.account === account && key.fingerprint === fingerprint);
    if (owner && !isGranted && whyUnwanted(owner, { account, fingerprint }, wanted) !== null)
      wishes.set(`${account} ${fingerprint}`, { kind: "withdraw", account, fingerprint });
  }
  return [...wishes.values()];
}

function isOf(wanted: Wanted, { fingerprint }: PlaceOrWithdraw, personId: string | undefined): boolean {
  return personId === undefined || wanted.known.get(fingerprint)?.personId === personId;
}
