import type { Db, Transaction } from "@/lib/db/client";

/** The tag for which a key was placed in an account of a host, by the last change that brought it there. */
export type PlacedByTag = (hostId: string, account: string, fingerprint: string) => string | undefined;

/**
 * Which keys stand in which accounts because a grant for a tag wanted them there.
 *
 * A host that has lost the tag is no longer among the grant's hosts, and its keys stay until somebody removes them. What was
 * placed otherwise since counts as that; other options for a line that stands are no new placing.
 *
 * @param hostId of one host alone
 */
export async function readPlacedByTag(db: Db | Transaction, hostId?: string): Promise<PlacedByTag> {
  const rows = await db.$queryRaw<{ hostId: string; account: string; fingerprint: string; tag: string }[]>`
    with placed as (
      select distinct on (c."hostId", c.account, e->>'fingerprint')
        c."hostId", c.account, e->>'fingerprint' as fingerprint, e->>'grantId' as "grantId"
      from "Change" c
      cross join lateral jsonb_array_elements(c."keyEdits") e
      where c.kind = 'keys' and c.state = 'confirmed' and e->>'kind' = 'add'
        and (e ? 'grantId' or not c."keyEdits" @> jsonb_build_array(
          jsonb_build_object('kind', 'remove', 'fingerprint', e->>'fingerprint')))
        and (${hostId ?? null}::uuid is null or c."hostId" = ${hostId ?? null}::uuid)
      order by c."hostId", c.account, e->>'fingerprint', coalesce(c."endedAt", c."createdAt") desc
    )
    select p."hostId", p.account, p.fingerprint, g.tag
    from placed p join "AccountGrant" g on g.id::text = p."grantId"
    where g.tag is not null`;
  const tags = new Map(
    rows.map(({ hostId: host, account, fingerprint, tag }) => [`${host} ${fingerprint} ${account}`, tag]),
  );
  return (host, account, fingerprint) => tags.get(`${host} ${fingerprint} ${account}`);
}
