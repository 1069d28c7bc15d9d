import type { Db } from "@/lib/db/client";
import { type AccessFileRow, accessCsvHead, printAccessCsvRow } from "@/lib/features/access/access-file";
import { type FleetFilter, source, whereOf } from "@/lib/features/access/fleet-sql";
import { ExportAccessInput, StoredPathView } from "@/lib/features/access/schema";
import { Prisma } from "@/lib/generated/prisma/client";
import { command } from "@/lib/usecase";

/** Rows read at once: the ways of a large fleet must not stand in memory. */
const portion = 1000;

interface AccessExport {
  readonly format: "csv" | "json";
  readonly filter: FleetFilter;
  readonly at: Date;
}

/** Says which ways a file is to hold: exactly those that the page lists under the same filter. */
export const exportFleetAccess = command({
  name: "access.export",
  permission: "access:read",
  stepUp: true,
  input: ExportAccessInput,
  async run({ format, ...filter }, { db, now, record }): Promise<AccessExport> {
    const counted = await db.$queryRaw<{ total: bigint }[]>`
      SELECT count(*) AS total FROM ${source} WHERE ${whereOf(filter, now)}`;
    record({ detail: { format, ways: Number(counted[0]?.total ?? 0), filter: filledIn(filter) } });
    return { format, filter, at: now };
  },
});

/** The file, piece by piece, by host and in the order of its accounts. */
export async function* exportedWays(
  db: Db,
  { format, filter, at }: AccessExport,
): AsyncGenerator<string, void> {
  yield format === "csv" ? accessCsvHead : "[";
  let separator = "\n";
  for await (const rows of portions(db, filter, at)) {
    if (format === "csv") yield rows.map(printAccessCsvRow).join("");
    else {
      yield separator + rows.map((row) => JSON.stringify(row)).join(",\n");
      separator = ",\n";
    }
  }
  if (format === "json") yield "\n]\n";
}

interface ExportRecord {
  hostId: string;
  hostName: string;
  position: number;
  id: string;
  personName: string | null;
  readAt: Date;
  view: unknown;
}

async function* portions(db: Db, filter: FleetFilter, at: Date): AsyncGenerator<AccessFileRow[], void> {
  const where = whereOf(filter, at);
  let after: ExportRecord | undefined;
  for (;;) {
    const beyond = after
      ? Prisma.sql`AND (h.name, p."hostId", p.position, p.id)
          > (${after.hostName}, ${after.hostId}::uuid, ${after.position}, ${after.id})`
      : Prisma.empty;
    const records: ExportRecord[] = await db.$queryRaw<ExportRecord[]>`
      SELECT p."hostId", h.name AS "hostName", p.position, p.id, o.name AS "personName", r."readAt", p.view
      FROM ${source} WHERE ${where} ${beyond}
      ORDER BY h.name, p."hostId", p.position, p.id LIMIT ${portion}`;
    if (records.length > 0) yield records.map(fileRow);
    after = records.at(-1);
    if (records.length < portion) return;
  }
}

function fileRow({ hostName, personName, readAt, view }: ExportRecord): AccessFileRow {
  return { host: hostName, readAt: readAt.toISOString(), ...StoredPathView.parse(view), personName };
}

/** What was filtered by, for the activity. */
function filledIn(filter: FleetFilter): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value.length > 0));
}
