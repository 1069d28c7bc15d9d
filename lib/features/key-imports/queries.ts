import { AppError } from "@/lib/errors";
import { stateOfKey } from "@/lib/features/key-imports/key-states";
import { mayChange, maySee } from "@/lib/features/key-imports/reach";
import { KeyImportsInput, KeySourcesInput, RefusedLines } from "@/lib/features/key-imports/schema";
import { answerWithinSeconds } from "@/lib/features/key-imports/timing";
import type { KeyImportsView, KeySourcesView } from "@/lib/features/key-imports/views";
import { can } from "@/lib/policy/permissions";
import { query } from "@/lib/usecase";

/** Where a person's keys are imported from, and what each reading proposes. */
export const listKeyImports = query({
  name: "key-imports.list",
  permission: "signed-in",
  input: KeyImportsInput,
  async run({ personId }, { actor, db, now }): Promise<KeyImportsView> {
    const person = maySee(actor, personId) && (await db.person.findUnique({ where: { id: personId } }));
    if (!person) throw new AppError("not_found", "There is no such person.");
    const [imports, prefixes] = await Promise.all([
      db.keyImport.findMany({
        where: { personId },
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        include: { keys: { orderBy: [{ firstSeenAt: "asc" }, { fingerprint: "asc" }] } },
      }),
      db.keySourceAddress.findMany({ orderBy: { prefix: "asc" } }),
    ]);
    const fingerprints = imports.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint));
    const here = new Map(
      (
        await db.personKey.findMany({
          where: { fingerprint: { in: fingerprints }, removedAt: null },
          select: {
            fingerprint: true,
            personId: true,
            origin: true,
            provedAt: true,
            person: { select: { name: true } },
          },
        })
      ).map((key) => [key.fingerprint, key]),
    );
    const mayKnowPeople = can(actor.role, "person:read");
    return {
      personId,
      canWrite: person.disabledAt === null && mayChange(actor, person),
      allowed: prefixes.map(({ prefix }) => prefix),
      imports: imports.map((found) => {
        const answeredAt = Math.max(found.readAt?.getTime() ?? 0, found.failedAt?.getTime() ?? 0);
        const askedAt = found.askedAt.getTime();
        return {
          id: found.id,
          provider: found.provider,
          name: found.name,
          isSubscribed: found.isSubscribed,
          isReading: answeredAt < askedAt && now.getTime() - askedAt < answerWithinSeconds * 1000,
          askedAt: found.askedAt.toISOString(),
          readAt: found.readAt?.toISOString() ?? null,
          failedAt: found.failedAt?.toISOString() ?? null,
          failure: found.failure,
          nextReadAt: found.nextReadAt?.toISOString() ?? null,
          alarmedAt: found.alarmedAt?.toISOString() ?? null,
          refusedLines: RefusedLines.parse(found.refusedLines),
          keys: found.keys.flatMap((seen) => {
            const key = here.get(seen.fingerprint);
            const state = stateOfKey(seen, key, personId);
            if (state === undefined) return [];
            const { fingerprint, type, bits, comment } = seen;
            return {
              fingerprint,
              type,
              bits,
              comment,
              state,
              isProved: key?.personId === personId && key.provedAt !== null,
              owner: state === "taken" && mayKnowPeople ? (key?.person.name ?? null) : null,
              firstSeenAt: seen.firstSeenAt.toISOString(),
              goneAt: seen.goneAt?.toISOString() ?? null,
            };
          }),
        };
      }),
    };
  },
});

/** The addresses from which keys may be imported, besides the providers. */
export const listKeySources = query({
  name: "key-sources.list",
  permission: "settings:read",
  input: KeySourcesInput,
  async run(_, { actor, db }): Promise<KeySourcesView> {
    const prefixes = await db.keySourceAddress.findMany({ orderBy: { prefix: "asc" } });
    return {
      canWrite: can(actor.role, "settings:write"),
      prefixes: prefixes.map(({ prefix, createdAt }) => ({ prefix, createdAt: createdAt.toISOString() })),
    };
  },
});
