import type { ReviewScope } from "@/lib/features/access-reviews/schema";
import { Prisma } from "@/lib/generated/prisma/client";

/** The hosts of a scope, as a condition on "Host" h. Archived ones are in none. */
export function hostsIn(scope: ReviewScope): Prisma.Sql {
  const kept = Prisma.sql`h.state <> 'archived'`;
  if (scope.kind === "tag") return Prisma.sql`${kept} AND ${scope.tag} = ANY (h.tags)`;
  if (scope.kind === "hosts") return Prisma.sql`${kept} AND h.id = ANY (${scope.hostIds}::uuid[])`;
  return kept;
}

/** Names of accounts with "*" as one regular expression of PostgreSQL; null for none: every account. */
export function regexOf(accounts: readonly string[]): string | null {
  if (accounts.length === 0) return null;
  const parts = accounts.map((name) =>
    name
      .split("*")
      .map((part) => part.replace(/[^A-Za-z0-9_]/gu, "\\$&"))
      .join(".*"),
  );
  return `^(${parts.join("|")})$`;
}

/** Names of accounts as a person types them: with spaces or commas between. */
export function accountsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
}
