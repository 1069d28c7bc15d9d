import { env } from "@/lib/env";
import { PaletteInput, SettingsInput } from "@/lib/features/settings/schema";
import type { InstallationView, PaletteView } from "@/lib/features/settings/views";
import { deadAfterSeconds } from "@/lib/jobs/liveness";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";
import product from "@/package.json";

/** Results of a kind: more than a screen shows helps nobody to choose. */
const paletteLimit = 8;

/**
 * Hosts and people whose name, address or login contains what was typed; those that begin with it come first.
 *
 * Any signed-in person may ask; each kind only comes to whom may read it.
 */
export const searchPalette = query({
  name: "palette.search",
  permission: "signed-in",
  input: PaletteInput,
  async run({ q }, { actor, db }): Promise<PaletteView> {
    const contains = { contains: q, mode: "insensitive" } as const;
    const [hosts, people] = await Promise.all([
      can(actor.role, "host:read")
        ? db.host.findMany({
            where: { state: { not: "archived" }, OR: [{ name: contains }, { address: contains }] },
            select: { id: true, name: true, address: true, port: true },
            orderBy: { name: "asc" },
            take: q === "" ? paletteLimit : paletteLimit * 4,
          })
        : [],
      can(actor.role, "person:read") && q !== ""
        ? db.person.findMany({
            where: { OR: [{ name: contains }, { login: contains }] },
            select: { id: true, name: true, login: true, role: true },
            orderBy: { name: "asc" },
            take: paletteLimit * 4,
          })
        : [],
    ]);
    return {
      hosts: nearest(hosts, q, (host) => host.name),
      people: nearest(people, q, (person) => person.name),
    };
  },
});

function nearest<Found>(found: readonly Found[], q: string, nameOf: (item: Found) => string): Found[] {
  const begins = (item: Found) => nameOf(item).toLowerCase().startsWith(q.toLowerCase());
  return [...found.filter(begins), ...found.filter((item) => !begins(item))].slice(0, paletteLimit);
}

/** Versions, addresses, workers and sizes of this installation. Nothing secret. */
export const getInstallation = query({
  name: "installation.get",
  permission: "settings:read",
  input: SettingsInput,
  async run(_, { db, now }): Promise<InstallationView> {
    const { origin, rpId, databaseUrl } = env();
    const [database, installation, workers, people, hosts, newest] = await Promise.all([
      db.$queryRaw<{ version: string; bytes: bigint }[]>`
        SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes`,
      db.installation.findUnique({ where: { id: 1 }, select: { setUpAt: true } }),
      db.worker.findMany({
        select: { id: true, hostname: true, version: true, startedAt: true, seenAt: true },
        orderBy: { startedAt: "asc" },
      }),
      db.person.count(),
      db.host.count(),
      db.activity.aggregate({ _max: { seq: true } }),
    ]);
    return {
      version: product.version,
      origin,
      relyingPartyId: rpId,
      node: process.version,
      database: {
        version: database[0]?.version ?? "unknown",
        bytes: Number(database[0]?.bytes ?? 0),
        // `npm start` reaches its own PostgreSQL by a socket; an admin's stands at a name.
        embedded: new URL(databaseUrl).searchParams.has("host"),
      },
      setUpAt: installation?.setUpAt?.toISOString() ?? null,
      workers: workers.map(({ startedAt, seenAt, ...worker }) => ({
        ...worker,
        startedAt: startedAt.toISOString(),
        seenAt: seenAt.toISOString(),
        live: now.getTime() - seenAt.getTime() < deadAfterSeconds * 1000,
      })),
      people,
      hosts,
      // Rows are numbered without gaps, from 1.
      activityRows: Number(newest._max.seq ?? 0n),
    };
  },
});
