import { pendingStates } from "@/lib/change/machine";
import type { HostListFilter } from "@/lib/features/hosts/schema";
import { Prisma } from "@/lib/generated/prisma/client";

// The list is one statement by hand: filters, order, page and the pending change of 3,000 hosts in a few milliseconds.

const conditions: Record<HostListFilter["state"], Prisma.Sql> = {
  "": Prisma.sql`h.state <> 'archived'`,
  managed: Prisma.sql`h.state = 'managed'`,
  enrolling: Prisma.sql`h.state = 'enrolling'`,
  unreachable: Prisma.sql`h.state = 'managed' AND h.reachable IS FALSE`,
  key_changed: Prisma.sql`h.state = 'key_changed'`,
  drifted: Prisma.sql`h.state IN ('managed', 'key_changed') AND h."driftedAt" IS NOT NULL`,
  archived: Prisma.sql`h.state = 'archived'`,
};

/** A version in a host's own words, as numbers that sort: "OpenSSH_9.2p1" → {9, 2}. */
const versionNumbers = Prisma.sql`regexp_match(h."sshdVersion", '([0-9]{1,4})\\.([0-9]{1,4})')::int[]`;

const orders: Record<HostListFilter["sort"], Prisma.Sql> = {
  name: Prisma.sql`lower(h.name)`,
  address: Prisma.sql`lower(h.address)`,
  seen: Prisma.sql`h."seenAt"`,
  openssh: versionNumbers,
  os: Prisma.sql`lower(h."osName")`,
  created: Prisma.sql`h."createdAt"`,
};

/** What the person filters by, as a condition on "Host" h. */
export function whereOf(filter: Pick<HostListFilter, "q" | "state" | "tag">): Prisma.Sql {
  const parts = [conditions[filter.state]];
  for (const word of filter.q.split(/\s+/).filter(Boolean).slice(0, 10)) {
    const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
    parts.push(
      Prisma.sql`(h.name ILIKE ${pattern} OR h.address ILIKE ${pattern} OR h."osName" ILIKE ${pattern} OR ${word} = ANY (h.tags))`,
    );
  }
  if (filter.tag.length > 0) parts.push(Prisma.sql`h.tags @> ${filter.tag}::text[]`);
  return Prisma.join(parts, " AND ");
}

/** The order, complete: two hosts never change places between two pages. */
export function orderOf(filter: Pick<HostListFilter, "sort" | "direction">): Prisma.Sql {
  const direction = filter.direction === "ascending" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  return Prisma.sql`${orders[filter.sort]} ${direction} NULLS LAST, h.id`;
}

/** One row as the database gives it. */
export interface HostRecord {
  id: string;
  name: string;
  address: string;
  port: number;
  tags: string[];
  state: "enrolling" | "managed" | "key_changed" | "archived";
  reachable: boolean | null;
  unreachableReason: string | null;
  seenAt: Date | null;
  sshdVersion: string | null;
  osName: string | null;
  agentVersion: string | null;
  agentSha256: string | null;
  driftedAt: Date | null;
  changeId: string | null;
  changeState: string | null;
  changeRollbackAt: Date | null;
}

/** What a row shows; `c` is the host's pending change, of which there is at most one. */
export const columns = Prisma.sql`
  h.id, h.name, h.address, h.port, h.tags, h.state::text AS state, h.reachable, h."unreachableReason", h."seenAt",
  h."sshdVersion", h."osName", h."agentVersion", h."agentSha256", h."driftedAt",
  c.id AS "changeId", c.state AS "changeState", c."rollbackAt" AS "changeRollbackAt"`;

export const source = Prisma.sql`"Host" h LEFT JOIN "Change" c
  ON c."hostId" = h.id AND c.state IN (${Prisma.join([...pendingStates])})`;
