import { meet } from "@/lib/access/connection";
import type { AccountFacts, HostFacts } from "@/lib/access/facts";
import { textOf } from "@/lib/access/host-files";
import { keyFilesOf, refuseKeyFile } from "@/lib/access/key-files";
import { type Server, startServer } from "@/lib/access/server";
import { findBrokenKey } from "@/lib/authorized-keys/broken-key";
import { parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { fingerprint } from "@/lib/openssh-keys/public-key";
import { lineSha256 } from "@/lib/ssh/keys";

/** A line of a key file that sshd reads as a key. */
export interface ObservedKey {
  readonly line: number;
  /** Names the line's bytes: a plan to remove it touches no other. */
  readonly sha256: string;
  readonly fingerprint: string;
  readonly blob: Uint8Array;
  readonly type: string;
  readonly comment: string;
  /** As written. */
  readonly options: string;
  readonly isAuthority: boolean;
}

/** A line that sshd skips and that holds a key: with another version of sshd it may open the account. */
export type SkippedKey = Pick<ObservedKey, "line" | "sha256" | "fingerprint">;

/** A file in which sshd looks for an account's keys, as it was last read. */
export interface ObservedFile {
  readonly path: string;
  readonly exists: boolean;
  /** Why sshd passes over it; null when it does not, or there is none. */
  readonly refused: string | null;
  readonly keys: readonly ObservedKey[];
  readonly skipped: readonly SkippedKey[];
}

export interface ObservedAccount {
  readonly account: AccountFacts;
  readonly files: readonly ObservedFile[];
}

/** From an address that no configuration means in particular. */
const nobodysAddress = { address: "192.0.2.1", localAddress: "127.0.0.1", localPort: 22 };

/**
 * The key files of every account, by facts that were read.
 *
 * For a login from an address that no Match block names: a block that names other files for some addresses is not seen.
 *
 * @param now in seconds since 1970
 * @returns sshd's sentence when it refuses its own configuration
 */
export function observeKeys(facts: HostFacts, now: number): readonly ObservedAccount[] | string {
  const server = startServer(facts);
  if (server.refused !== undefined) return server.refused;
  return facts.accounts.map((account) => ({ account, files: filesOf(server, account, now) }));
}

function filesOf(server: Server, account: AccountFacts, now: number): ObservedFile[] {
  const situation = meet(server, { ...nobodysAddress, user: account.name, now });
  const paths = [...keyFilesOf(situation, account)].filter((path) => path !== undefined);
  return [...new Set(paths)].map((path) => {
    const exists = server.files.stat(path)?.kind === "file";
    const text = exists ? (textOf(server.files.stat(path)) ?? "") : "";
    return {
      path,
      exists,
      refused: exists ? (refuseKeyFile(situation, account, path) ?? null) : null,
      keys: keysOf(text, server.build.release),
      skipped: skippedOf(text, server.build.release),
    };
  });
}

function skippedOf(text: string, release: number): SkippedKey[] {
  return parseAuthorizedKeys(text, { release }).lines.flatMap((line): SkippedKey[] => {
    const key = line.kind === "broken" ? findBrokenKey(line) : undefined;
    return key ? [{ line: line.number, sha256: lineSha256(line), fingerprint: fingerprint(key.blob) }] : [];
  });
}

function keysOf(text: string, release: number): ObservedKey[] {
  return parseAuthorizedKeys(text, { release }).lines.flatMap((line): ObservedKey[] =>
    line.kind === "key"
      ? [
          {
            line: line.number,
            sha256: lineSha256(line),
            fingerprint: fingerprint(line.key.blob),
            blob: line.key.blob,
            type: line.key.type,
            comment: line.comment,
            options: line.optionsText,
            isAuthority: line.options.isCertAuthority,
          },
        ]
      : [],
  );
}
