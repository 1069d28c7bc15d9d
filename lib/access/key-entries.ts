import { type HostFiles, textOf } from "@/lib/access/host-files";
import { printOf } from "@/lib/access/key-print";
import { isSameBlob } from "@/lib/access/offered-key";
import type { Server } from "@/lib/access/server";
import { type KeyOptions, noOptions, parseOptions } from "@/lib/authorized-keys/options";
import { parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { readKeyText } from "@/lib/openssh-keys/key-text";
import type { DecodedKey } from "@/lib/openssh-keys/public-key";
import type { Build } from "@/lib/sshd-config/build";

/** A line of an authorized_keys file that sshd understands. */
export interface KeyEntry {
  readonly line: number;
  readonly blob: Uint8Array;
  readonly key: DecodedKey;
  readonly options: KeyOptions;
  readonly comment: string;
}

/** By release and path: while somebody types in sshd_config, the files of keys stay the same. */
const read = new WeakMap<HostFiles, Map<string, readonly KeyEntry[]>>();

/** The lines of a host's file that sshd understands, in order. Whether sshd opens the file is another question. */
export function entriesOf({ files, build }: Server, path: string): readonly KeyEntry[] {
  const known = read.get(files) ?? new Map<string, readonly KeyEntry[]>();
  read.set(files, known);
  const id = `${build.release} ${path}`;
  const entries = known.get(id);
  if (entries) return entries;
  const file = files.stat(path);
  const found = file ? readEntries(textOf(file) ?? "", build) : [];
  known.set(id, found);
  return found;
}

const indexes = new WeakMap<readonly KeyEntry[], Map<string, KeyEntry[]>>();
/** Below this it is faster to look at every line. */
const fewEntries = 64;

/** The lines that may name a key, in their order: all of a short file, those with its fingerprint of a long one. */
export function entriesNaming(entries: readonly KeyEntry[], blob: Uint8Array): readonly KeyEntry[] {
  if (entries.length <= fewEntries) return entries;
  const known = indexes.get(entries) ?? new Map<string, KeyEntry[]>();
  if (known.size === 0) {
    for (const entry of entries) {
      const print = printOf(entry.blob);
      const there = known.get(print);
      if (there) there.push(entry);
      else known.set(print, [entry]);
    }
    indexes.set(entries, known);
  }
  return known.get(printOf(blob)) ?? [];
}

/** The lines of a text in the format of authorized_keys that sshd understands. */
export function readEntries(text: string, build: Build): readonly KeyEntry[] {
  return parseAuthorizedKeys(text, { release: build.release }).lines.flatMap((line): KeyEntry[] =>
    line.kind === "key"
      ? [
          {
            line: line.number,
            blob: line.key.blob,
            key: line.key,
            options: line.options,
            comment: line.comment,
          },
        ]
      : [],
  );
}

/** A line of a file of plain keys. */
export interface AuthorityLine {
  readonly line: number;
  readonly key: DecodedKey;
}

/**
 * The authorities in a file of plain keys, as far as sshd reads it.
 *
 * A line that is no key ends the reading, one with an RSA key that is too short does not.
 *
 * @see OpenSSH authfile.c:sshkey_in_file
 */
export function findAuthorities(text: string, build: Build): readonly AuthorityLine[] {
  const authorities: AuthorityLine[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = (raw.split("\0")[0] ?? "").replace(/^[ \t]+/, "");
    if (line === "" || line.startsWith("#")) continue;
    const found = readKeyText(line, 0, build.release);
    if (found.key && !found.key.certificate) authorities.push({ line: index + 1, key: found.key });
    else if (!found.key && !found.tooShort) break;
  }
  return authorities;
}

/** The number of the line that names an authority; undefined when none does. */
export function findAuthority(text: string, blob: Uint8Array, build: Build): number | undefined {
  return findAuthorities(text, build).find(({ key }) => isSameBlob(key.blob, blob))?.line;
}

/** A line of a principals file. */
export interface PrincipalLine {
  readonly line: number;
  readonly principal: string;
  readonly options: KeyOptions;
}

/**
 * The lines `[options] principal` that sshd understands. The last blank (or the last tab, when there is no blank)
 * parts the two; `#` begins a comment anywhere.
 *
 * @see OpenSSH auth2-pubkeyfile.c:auth_check_principals_line
 */
export function readPrincipalLines(text: string, build: Build): readonly PrincipalLine[] {
  return text.split("\n").flatMap((raw, index): PrincipalLine[] => {
    const [line = ""] = raw.split(/[\0#]/, 1).map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ""));
    if (line === "") return [];
    const at = line.includes(" ") ? line.lastIndexOf(" ") : line.lastIndexOf("\t");
    const principal = line.slice(at + 1).replace(/^[ \t]+/, "");
    const reading = at < 0 ? { options: noOptions } : parseOptions(line, { release: build.release });
    return "options" in reading ? [{ line: index + 1, principal, options: reading.options }] : [];
  });
}
