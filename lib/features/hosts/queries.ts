import { shippedAgent } from "@/lib/agent/shipped-agent";
import type { Db } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { accountsOf } from "@/lib/features/hosts/accounts";
import { factsView } from "@/lib/features/hosts/facts";
import { rowOf } from "@/lib/features/hosts/host-row";
import { columns, type HostRecord, orderOf, source, whereOf } from "@/lib/features/hosts/list-sql";
import { enrolmentView, operationView } from "@/lib/features/hosts/operation-view";
import { HostId, HostListInput } from "@/lib/features/hosts/schema";
import type {
  HostAccountsView,
  HostKeyView,
  HostListView,
  HostRow,
  HostView,
  OperationView,
} from "@/lib/features/hosts/views";
import { Prisma } from "@/lib/generated/prisma/client";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { fingerprintOf } from "@/lib/ssh/keys";
import { query } from "@/lib/usecase";

/** Hosts of one page of the list, with the counts that the filters show. */
export const listHosts = query({
  name: "host.list",
  permission: "host:read",
  input: HostListInput,
  async run(filter, { db }): Promise<HostListView> {
    const where = whereOf(filter);
    const offset = (filter.page - 1) * filter.perPage;
    const [records, totals, counts, tags] = await Promise.all([
      db.$queryRaw<HostRecord[]>`
        SELECT ${columns} FROM ${source} WHERE ${where}
        ORDER BY ${orderOf(filter)} LIMIT ${filter.perPage} OFFSET ${offset}`,
      db.$queryRaw<{ total: bigint }[]>`SELECT count(*) AS total FROM "Host" h WHERE ${where}`,
      countHosts(db),
      db.$queryRaw<{ tag: string; count: bigint }[]>`
        SELECT tag, count(*) AS count FROM "Host" h, unnest(h.tags) AS tag
        WHERE h.state <> 'archived' GROUP BY tag ORDER BY count DESC, tag LIMIT 200`,
    ]);
    const { sha256 } = shippedAgent();
    return {
      rows: records.map((record) => rowOf(record, sha256)),
      total: Number(totals[0]?.total ?? 0),
      all: counts.all,
      counts: counts.counts,
      tags: tags.map(({ tag, count }) => ({ tag, count: Number(count) })),
      page: filter.page,
      perPage: filter.perPage,
    };
  },
});

/** Every host that matches, for a file: no pages. At most 10,000. */
export const listHostsExport = query({
  name: "host.list-export",
  permission: "host:read",
  input: HostListInput,
  async run(filter, { db }): Promise<HostRow[]> {
    const records = await db.$queryRaw<HostRecord[]>`
      SELECT ${columns} FROM ${source} WHERE ${whereOf(filter)} ORDER BY ${orderOf(filter)} LIMIT 10000`;
    const { sha256 } = shippedAgent();
    return records.map((record) => rowOf(record, sha256));
  },
});

/** One host with everything its page shows. */
export const getHost = query({
  name: "host.get",
  permission: "host:read",
  input: HostId,
  async run({ hostId }, { db }): Promise<HostView> {
    const [records, host] = await Promise.all([
      db.$queryRaw<HostRecord[]>`SELECT ${columns} FROM ${source} WHERE h.id = ${hostId}::uuid`,
      db.host.findUnique({
        where: { id: hostId },
        include: {
          pins: { where: { retiredAt: null }, orderBy: { pinnedAt: "asc" } },
          enrolments: { orderBy: { createdAt: "desc" }, take: 1 },
          operations: { where: { kind: { not: "accounts" } }, orderBy: { createdAt: "desc" }, take: 10 },
        },
      }),
    ]);
    const record = records[0];
    if (!record || !host) throw new AppError("not_found", "There is no such host.");
    const [names, openDrafts] = await Promise.all([
      namesOf(
        db,
        host.operations.map((operation) => operation.actorId),
      ),
      db.draft.count({ where: { file: { hostId } } }),
    ]);
    const key = host.managementPublicKey ? parsePublicKey(host.managementPublicKey) : undefined;
    const [enrolment] = host.enrolments;
    return {
      ...rowOf(record, shippedAgent().sha256),
      note: host.note,
      createdAt: host.createdAt.toISOString(),
      managementFingerprint: key ? fingerprintOf(key.blob) : null,
      pins: host.pins.filter((pin) => !pin.offeredAt).map(keyView),
      offered: host.pins.filter((pin) => pin.offeredAt).map(keyView),
      facts: factsView(host),
      enrolment: enrolment ? enrolmentView(enrolment, host.managementPublicKey !== null) : null,
      operations: host.operations.map((operation) =>
        operationView(operation, names.get(operation.actorId) ?? "somebody"),
      ),
      openDrafts,
    };
  },
});

/** The accounts on a host, as it last told them, and the reading that is under way. */
export const getHostAccounts = query({
  name: "host.accounts",
  permission: "host:read",
  input: HostId,
  async run({ hostId }, { db }): Promise<HostAccountsView> {
    if (!(await db.host.findUnique({ where: { id: hostId }, select: { id: true } })))
      throw new AppError("not_found", "There is no such host.");
    const readings = await db.operation.findMany({
      where: { hostId, kind: "accounts" },
      orderBy: { createdAt: "desc" },
      take: 5,
    });
    const done = readings.find((reading) => reading.state === "done");
    const newest = readings[0];
    const names = await namesOf(db, newest ? [newest.actorId] : []);
    return {
      accounts: done ? accountsOf(done.output) : [],
      readAt: done?.endedAt?.toISOString() ?? null,
      reading: newest
        ? operationView({ ...newest, output: "" }, names.get(newest.actorId) ?? "somebody")
        : null,
    };
  },
});

/** One longer act and its output so far. */
export const getOperation = query({
  name: "host.operation",
  permission: "host:read",
  input: HostId.extend({ operationId: HostId.shape.hostId }),
  async run({ hostId, operationId }, { db }): Promise<OperationView> {
    const operation = await db.operation.findFirst({ where: { id: operationId, hostId } });
    if (!operation) throw new AppError("not_found", "There is no such operation.");
    const names = await namesOf(db, [operation.actorId]);
    return operationView(operation, names.get(operation.actorId) ?? "somebody");
  },
});

async function countHosts(db: Db): Promise<{ all: number; counts: HostListView["counts"] }> {
  const of = (state: keyof HostListView["counts"]) => whereOf({ q: "", state, tag: [] });
  const rows = await db.$queryRaw<Record<"all" | keyof HostListView["counts"], bigint>[]>(Prisma.sql`
    SELECT
      count(*) FILTER (WHERE h.state <> 'archived') AS all,
      count(*) FILTER (WHERE ${of("managed")}) AS managed,
      count(*) FILTER (WHERE ${of("enrolling")}) AS enrolling,
      count(*) FILTER (WHERE ${of("unreachable")}) AS unreachable,
      count(*) FILTER (WHERE ${of("key_changed")}) AS key_changed,
      count(*) FILTER (WHERE ${of("drifted")}) AS drifted,
      count(*) FILTER (WHERE ${of("archived")}) AS archived
    FROM "Host" h`);
  const row = rows[0];
  const number = (name: "all" | keyof HostListView["counts"]) => Number(row?.[name] ?? 0);
  return {
    all: number("all"),
    counts: {
      managed: number("managed"),
      enrolling: number("enrolling"),
      unreachable: number("unreachable"),
      key_changed: number("key_changed"),
      drifted: number("drifted"),
      archived: number("archived"),
    },
  };
}

async function namesOf(db: Db, personIds: readonly string[]): Promise<Map<string, string>> {
  const people = await db.person.findMany({
    where: { id: { in: [...new Set(personIds)] } },
    select: { id: true, name: true },
  });
  return new Map(people.map((person) => [person.id, person.name]));
}

function keyView(pin: {
  type: string;
  fingerprint: string;
  origin: string;
  pinnedAt: Date;
  offeredAt: Date | null;
}): HostKeyView {
  return {
    type: pin.type,
    fingerprint: pin.fingerprint,
    origin: pin.origin,
    at: (pin.offeredAt ?? pin.pinnedAt).toISOString(),
  };
}
