import type { ExpiryTime } from "@/lib/authorized-keys/expiry-time";
import { type Draft, type Flag, flags, valueReaders } from "@/lib/authorized-keys/option-table";
import { lowerAscii } from "@/lib/sshd-config/pattern";
import { unknownWorld } from "@/lib/sshd-config/world";

/**
 * What a line of authorized_keys, a principals file or a certificate says about a login by its key.
 *
 * @see sshd(8) "AUTHORIZED_KEYS FILE FORMAT"; auth-options.h:struct sshauthopt
 */
export interface KeyOptions {
  readonly permitsPortForwarding: boolean;
  readonly permitsAgentForwarding: boolean;
  readonly permitsX11Forwarding: boolean;
  readonly permitsPty: boolean;
  readonly permitsUserRc: boolean;
  readonly isRestricted: boolean;
  /** The key is a CA's: it opens nothing itself, the certificates that it signed do. */
  readonly isCertAuthority: boolean;
  /** False: a security key need not be touched (`no-touch-required`), unless PubkeyAuthOptions asks for it. */
  readonly requiresTouch: boolean;
  /** A security key must have checked a PIN or a finger. */
  readonly requiresVerification: boolean;
  readonly command?: string;
  /** As written: names with commas between. */
  readonly principals?: string;
  /** As written: a pattern list of names, addresses and networks. */
  readonly from?: string;
  /** From a certificate's `source-address`: a list of networks. */
  readonly sourceAddress?: string;
  /** Those of the line; the earliest counts. */
  readonly expiries: readonly ExpiryTime[];
  /** NAME=value, each name once: of several the first counts, up to 8.6 the last. */
  readonly environment: readonly string[];
  /** HOST:PORT */
  readonly permitOpen: readonly string[];
  /** HOST:PORT; a port alone was completed to `*:PORT`. */
  readonly permitListen: readonly string[];
  /** Number of the tun device; 2147483647 is "any". */
  readonly tunnel?: number;
}

/** What differs between sshds. */
export interface OptionsContext {
  /** As lib/sshd-config/build.ts counts: 902 is 9.2. The newest that we know when not given. */
  readonly release?: number;
  /** The host's services(5), for ports by name. */
  readonly services?: ReadonlyMap<string, number>;
}

/** The rules of this release are read when nobody says which. */
export const newestRelease = 1006;

export type OptionsReading = { readonly options: KeyOptions } | { readonly reason: string };

/** A line without options: everything but what a security key must show. */
export const noOptions: KeyOptions = newDraft();

function newDraft(): Draft {
  return {
    permitsPortForwarding: true,
    permitsAgentForwarding: true,
    permitsX11Forwarding: true,
    permitsPty: true,
    permitsUserRc: true,
    isRestricted: false,
    isCertAuthority: false,
    requiresTouch: true,
    requiresVerification: false,
    expiries: [],
    environment: [],
    permitOpen: [],
    permitListen: [],
  };
}

/**
 * Reads the options at the beginning of a line, up to the first blank outside quotes.
 *
 * Names count in any case; a name repeated overrides (flags), adds (permits, environment), or is an error (command,
 * principals, from). One option that sshd does not know makes it skip the whole line.
 *
 * @returns sshd's own words for what is wrong; never throws
 * @see auth-options.c:sshauthopt_parse
 */
export function parseOptions(line: string, context: OptionsContext = {}): OptionsReading {
  const known = {
    release: context.release ?? newestRelease,
    services: context.services ?? unknownWorld.services,
  };
  const draft = newDraft();
  let at = 0;
  while (at < line.length && line[at] !== " " && line[at] !== "\t") {
    const flag = readFlag(line, at, known.release);
    if (flag) {
      flag.flag.set(draft, flag.value);
      at = flag.end;
    } else {
      const name = lowerAscii(/^[A-Za-z-]*(?==)/.exec(line.slice(at, at + longestName))?.[0] ?? "");
      const readValue = valueReaders.get(name);
      if (readValue) {
        const quoted = unquote(line, at + name.length + 1);
        if ("reason" in quoted) return quoted;
        const reason = readValue(draft, quoted.value, known);
        if (reason) return { reason };
        at = quoted.end;
      }
    }
    if (at >= line.length || line[at] === " " || line[at] === "\t") break;
    if (line[at] !== ",") return { reason: "unknown key option" };
    at++;
    if (at === line.length) return { reason: "unexpected end-of-options" };
  }
  return { options: draft };
}

const longestName = 20;

function readFlag(
  line: string,
  at: number,
  release: number,
): { flag: Flag; value: boolean; end: number } | undefined {
  const ahead = lowerAscii(line.slice(at, at + longestName));
  for (const flag of flags) {
    if (release < (flag.since ?? 0)) continue;
    if (ahead.startsWith(flag.name)) return { flag, value: true, end: at + flag.name.length };
    if (flag.negatable && ahead.startsWith(`no-${flag.name}`)) {
      return { flag, value: false, end: at + flag.name.length + 3 };
    }
  }
  return undefined;
}

/** @see misc.c:opt_dequote: only `\"` is an escape, and only a quoted value is one. */
function unquote(line: string, at: number): { value: string; end: number } | { reason: string } {
  if (line[at] !== '"') return { reason: "missing start quote" };
  let value = "";
  let from = at + 1;
  for (let place = from; place < line.length; place++) {
    if (line[place] === "\\" && line[place + 1] === '"') {
      value += line.slice(from, place);
      from = ++place;
    } else if (line[place] === '"') {
      return { value: value + line.slice(from, place), end: place + 1 };
    }
  }
  return { reason: "missing end quote" };
}
