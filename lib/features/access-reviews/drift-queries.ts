import { readDrift } from "@/lib/features/access-reviews/drift";
import { DriftFilter, HostDriftInput } from "@/lib/features/access-reviews/schema";
import type { DriftRow, DriftView, HostDriftView } from "@/lib/features/access-reviews/views";
import { query } from "@/lib/usecase";

const perPage = 50;

/** What is different on the hosts since each one's last closed review. */
export const getDrift = query({
  name: "review.drift",
  permission: "review:read",
  input: DriftFilter,
  async run(filter, { db }): Promise<DriftView> {
    const { rows, ...known } = await readDrift(db);
    const narrowed = rows.filter(
      (row) => (filter.host === "" || row.hostId === filter.host) && hasWords(row, filter.q),
    );
    const fitting = narrowed.filter((row) => fitsKind(row, filter.kind));
    return {
      ...known,
      counts: countKinds(narrowed),
      rows: fitting.slice((filter.page - 1) * perPage, filter.page * perPage),
      total: fitting.length,
      page: filter.page,
      perPage,
    };
  },
});

/** The same for one host, in numbers. */
export const getHostDrift = query({
  name: "review.host-drift",
  permission: "review:read",
  input: HostDriftInput,
  async run({ hostId }, { db }): Promise<HostDriftView> {
    const [drift, last, revokedOpen] = await Promise.all([
      readDrift(db, hostId),
      db.accessReview.findFirst({
        where: { closedAt: { not: null }, hosts: { some: { hostId, readAt: { not: null } } } },
        orderBy: [{ closedAt: "desc" }, { id: "asc" }],
        select: { id: true, name: true, closedAt: true },
      }),
      db.accessRevocation.count({ where: { hostId, goneAt: null } }),
    ]);
    return {
      review: last?.closedAt ? { id: last.id, name: last.name, closedAt: last.closedAt.toISOString() } : null,
      ...countKinds(drift.rows),
      untold: drift.untold[0]?.reason ?? null,
      revokedOpen,
    };
  },
});

function countKinds(rows: readonly DriftRow[]): DriftView["counts"] {
  const count = (kind: DriftRow["kind"]) => rows.filter((row) => row.kind === kind).length;
  return {
    appeared: count("appeared"),
    vanished: count("vanished"),
    changed: count("changed"),
    looser: rows.filter((row) => row.isLooser).length,
  };
}

function fitsKind(row: DriftRow, kind: DriftFilter["kind"]): boolean {
  if (kind === "") return true;
  return kind === "looser" ? row.isLooser : row.kind === kind;
}

function hasWords(row: DriftRow, q: string): boolean {
  const sides = [row.before, row.after].flatMap((side) =>
    side ? [side.account, side.fingerprint, side.comment, side.personName, ...side.from] : [],
  );
  const text = [row.hostName, ...sides].join("\n").toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
