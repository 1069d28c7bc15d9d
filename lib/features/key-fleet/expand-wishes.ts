import { parseExpiryTime } from "@/lib/authorized-keys/expiry-time";
import { listOptions, type WrittenOption } from "@/lib/authorized-keys/option-list";
import { managementAccount } from "@/lib/change/marker";
import type { ObservedAccount, ObservedFile, ObservedKey, SkippedKey } from "@/lib/features/access/key-files";
import type { KeyEdits } from "@/lib/features/changes/key-edits";
import type { Wish } from "@/lib/features/key-fleet/schema";
import { type KeyOptionsInput, writtenOptions } from "@/lib/features/placements/key-options";
import { isRootFile } from "@/lib/features/placements/root-place";
import { type Wanted, whyUnwanted } from "@/lib/features/placements/wanted";

/** What is to be done with one key file of a host. */
export interface FileWork {
  readonly account: string;
  readonly path: string;
  /** Keys of persons that come in. */
  readonly add: readonly { readonly keyId: string; readonly options: KeyOptionsInput }[];
  /** Everything else. */
  readonly edits: KeyEdits;
}

/** What wishes come to on a host, by what was read there. */
export interface Expanded {
  /** Nothing: what is wished is so already. */
  readonly files: readonly FileWork[];
  /** Why a wish cannot be done here, a sentence each. */
  readonly blocked: readonly string[];
}

interface Surroundings {
  readonly wanted: Wanted;
  /** The fingerprint of the key with which Gatehouse comes in. */
  readonly management: string | undefined;
  /** Of the host's OpenSSH: 902. */
  readonly release: number;
}

/** What is to be done on a host so that wishes come true; the same again for a host where they are true is nothing. */
export function expandWishes(
  wishes: readonly Wish[],
  observed: readonly ObservedAccount[],
  { wanted, management, release }: Surroundings,
): Expanded {
  const works = new Map<string, { account: string; path: string; add: FileWork["add"]; edits: KeyEdits }>();
  const blocked = new Set<string>();
  const workOf = (account: string, path: string) => {
    // Accounts may share a file: a line of it goes once.
    const work = works.get(path) ?? { account, path, add: [], edits: [] };
    works.set(path, work);
    return work;
  };
  const removeLine = (account: string, path: string, key: SkippedKey) => {
    if (account === managementAccount || key.fingerprint === management) {
      blocked.add("The key with which Gatehouse itself comes in is not changed from here.");
      return false;
    }
    const work = workOf(account, path);
    const isThere = work.edits.some(
      (edit) => edit.kind === "remove" && edit.seen?.line === key.line && edit.seen.sha256 === key.sha256,
    );
    if (isThere) return false;
    work.edits.push({
      kind: "remove",
      fingerprint: key.fingerprint,
      seen: { line: key.line, sha256: key.sha256 },
    });
    return true;
  };
  for (const wish of wishes) {
    if (wish.kind === "place") {
      const place = findPlace(wish, observed, wanted);
      if (typeof place === "string") blocked.add(place);
      else if (place) {
        const work = workOf(wish.account, place.path);
        work.add = [...work.add, { keyId: wish.keyId, options: place.options }];
      }
      continue;
    }
    // What sshd skips today, a later version may read: it goes where the key itself is to go.
    for (const { account, path, key } of skippedLinesOf(wish.fingerprint, observed)) {
      const isMeant =
        wish.kind === "remove" ||
        (wish.kind === "withdraw" && account === wish.account && isUnwantedHere(key, account, wanted));
      if (isMeant) removeLine(account, path, key);
    }
    for (const { account, path, key } of linesOf(wish.fingerprint, observed)) {
      if (wish.kind === "remove") removeLine(account, path, key);
      else if (wish.kind === "withdraw") {
        if (account === wish.account && isUnwanted(key, account, wanted)) removeLine(account, path, key);
      } else if (!endsBy(key, wish.at, release)) {
        if (key.isAuthority)
          blocked.add(
            `Line ${key.line} of ${path} names an authority, whose certificates have ends of their own. Remove it instead.`,
          );
        else if (removeLine(account, path, key)) workOf(account, path).edits.push(endingAt(key, wish.at));
      }
    }
  }
  return {
    files: [...works.values()].filter(({ add, edits }) => add.length + edits.length > 0),
    blocked: [...blocked],
  };
}

function linesOf(fingerprint: string, observed: readonly ObservedAccount[]) {
  return observed.flatMap(({ account, files }) =>
    files.flatMap(({ path, keys }) =>
      keys
        .filter((key) => key.fingerprint === fingerprint)
        .map((key) => ({ account: account.name, path, key })),
    ),
  );
}

function skippedLinesOf(fingerprint: string, observed: readonly ObservedAccount[]) {
  return observed.flatMap(({ account, files }) =>
    files.flatMap(({ path, skipped }) =>
      skipped
        .filter((key) => key.fingerprint === fingerprint)
        .map((key) => ({ account: account.name, path, key })),
    ),
  );
}

/** Where a wanted key is to go; undefined when it is there, or wanted no longer; a sentence when it cannot. */
function findPlace(
  { account: name, fingerprint }: Extract<Wish, { kind: "place" }>,
  observed: readonly ObservedAccount[],
  wanted: Wanted,
): { path: string; options: KeyOptionsInput } | string | undefined {
  const grant = wanted.keys.find((key) => key.account === name && key.fingerprint === fingerprint);
  if (!grant) return undefined;
  const account = observed.find((one) => one.account.name === name);
  if (!account) return `The host has no account ${name}.`;
  // With other options it is there, too: what a person has set by hand is not undone in passing.
  const isThere = account.files.some(({ keys }) =>
    keys.some((key) => key.fingerprint === fingerprint && !key.isAuthority),
  );
  if (isThere) return undefined;
  const file: ObservedFile | undefined =
    // Where sshd looks into files of root's, keys are kept from their owners' editing on purpose.
    account.files.find(({ path, refused }) => isRootFile(path) && refused === null) ??
    account.files.find(({ exists, refused }) => exists && refused === null) ??
    account.files.find(({ exists }) => !exists);
  if (!file)
    return `No key file of ${name} is one that sshd reads: ${account.files[0]?.refused ?? "it looks for none"}`;
  return { path: file.path, options: grant.options };
}

/** As the page of the host says it. */
function isUnwanted(key: ObservedKey, account: string, wanted: Wanted): boolean {
  const { fingerprint } = key;
  const isGranted = wanted.keys.some((one) => one.account === account && one.fingerprint === fingerprint);
  return !(isGranted && !key.isAuthority) && isUnwantedHere(key, account, wanted);
}

function isUnwantedHere({ fingerprint }: SkippedKey, account: string, wanted: Wanted): boolean {
  const owner = wanted.known.get(fingerprint);
  return owner !== undefined && whyUnwanted(owner, { account, fingerprint }, wanted) !== null;
}

/** Does the line open nothing from a moment on, or earlier? */
function endsBy({ options }: ObservedKey, at: string, release: number): boolean {
  const end = Date.parse(at) / 1000;
  return listOptions(options).some(({ name, value }) => {
    if (name.toLowerCase() !== "expiry-time" || value === undefined) return false;
    const time = parseExpiryTime(value, release);
    // A time without a zone is the host's own: only what is a day earlier is earlier for sure.
    return time !== undefined && time.wallClockSecond + (time.isUtc ? 0 : 86_400) <= end;
  });
}

/** The same line with an end; an end that it had is later. */
function endingAt(key: ObservedKey, at: string): KeyEdits[number] {
  const kept = listOptions(key.options)
    .filter(({ name }) => name.toLowerCase() !== "expiry-time")
    .map(({ name, value }): WrittenOption => (value === undefined ? { name } : { name, value }));
  const nothing = { from: "", command: "", restrict: false, verifyRequired: false };
  return {
    kind: "add",
    fingerprint: key.fingerprint,
    blob: Buffer.from(key.blob).toString("base64"),
    comment: key.comment.slice(0, 300),
    options: [...kept, ...writtenOptions({ ...nothing, expiresAt: at }, key.type)],
  };
}
