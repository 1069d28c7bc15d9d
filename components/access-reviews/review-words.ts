import type { ReviewScope } from "@/lib/features/access-reviews/schema";
import type { ReviewRow, RevocationView } from "@/lib/features/access-reviews/views";

/** "1 way", "3 ways", with separators in large numbers. */
export function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** What a campaign is about: "all hosts", "hosts tagged prod, accounts root and ci*". */
export function scopeWords({
  scope,
  accounts,
  hosts,
}: Pick<ReviewRow, "accounts" | "hosts"> & { scope: ReviewScope }) {
  const where = {
    all: `all hosts (${hosts})`,
    tag: `${count(hosts, "host", "hosts")} tagged ${scope.kind === "tag" ? scope.tag : ""}`,
    hosts: count(hosts, "host", "hosts"),
  }[scope.kind];
  return accounts.length === 0 ? where : `${where}, accounts ${accounts.join(", ")}`;
}

/** Where a revoked way stands, in a word or two. */
export const revocationWords: Readonly<Record<RevocationView["state"], string>> = {
  waiting: "revoked, not read since",
  there: "revoked, still there",
  gone: "gone",
  doubt: "revoked, cannot tell",
};

/** Names, as many as fit into a line. */
export function someOf(names: readonly string[], most = 3): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}
