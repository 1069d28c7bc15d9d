import { createHash } from "node:crypto";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";
import { observeKeys } from "@/lib/features/access/key-files";
import { storableText } from "@/lib/features/access/storable";

/** More lines of one host are not kept: a host that makes them up must not fill the database. */
const mostKeys = 20_000;

/** A row of FoundKey, without what only the table knows. */
export interface DerivedKey {
  readonly id: string;
  readonly digest: string;
  readonly account: string;
  readonly path: string;
  readonly line: number;
  readonly fingerprint: string;
  readonly type: string;
  readonly comment: string;
  readonly options: string;
  readonly isAuthority: boolean;
  readonly isRefused: boolean;
  readonly lastUsedAt: Date | null;
}

/**
 * Every line of a key file that sshd reads as a key, whether it opens anything or not.
 *
 * @param now in seconds since 1970
 * @returns `leftOut` beyond the most that are kept; none where sshd refuses its own configuration
 */
export function findKeys(
  facts: HostFacts,
  logins: readonly LoginFacts[],
  now: number,
): { keys: DerivedKey[]; leftOut: number } {
  const observed = observeKeys(facts, now);
  if (typeof observed === "string") return { keys: [], leftOut: 0 };
  const usedAt = lastUses(logins);
  const seen = new Map<string, number>();
  const keys = observed.flatMap(({ account, files }) =>
    files.flatMap(({ path, refused, keys: lines }) =>
      lines.map((key): DerivedKey => {
        const row = {
          account: storableText(account.name),
          path: storableText(path, 1024),
          line: key.line,
          fingerprint: key.fingerprint,
          type: storableText(key.type),
          comment: storableText(key.comment),
          options: storableText(key.options, 2000),
          isAuthority: key.isAuthority,
          isRefused: refused !== null,
          lastUsedAt: usedAt.get(`${account.name}\n${key.fingerprint}`) ?? null,
        };
        // A line that only moved in its file is the same one.
        const like = hashOf([account.name, path, key.sha256]);
        const number = (seen.get(like) ?? 0) + 1;
        seen.set(like, number);
        return { id: number === 1 ? like : `${like}-${number}`, digest: hashOf(row), ...row };
      }),
    ),
  );
  return { keys: keys.slice(0, mostKeys), leftOut: Math.max(0, keys.length - mostKeys) };
}

function lastUses(logins: readonly LoginFacts[]): Map<string, Date> {
  const last = new Map<string, Date>();
  for (const { account, fingerprint, at } of logins) {
    if (!fingerprint) continue;
    const id = `${account}\n${fingerprint}`;
    const moment = new Date(at);
    if (Number.isNaN(moment.getTime())) continue;
    if ((last.get(id) ?? new Date(0)) < moment) last.set(id, moment);
  }
  return last;
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
