import { type ExpiryTime, parseExpiryTime } from "@/lib/authorized-keys/expiry-time";
import { maxInt, parseDecimal } from "@/lib/sshd-config/number";
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

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
interface Draft extends Mutable<KeyOptions> {
  expiries: ExpiryTime[];
  environment: string[];
  permitOpen: string[];
  permitListen: string[];
}

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

/** A flag's name in lower case, whether `no-` may stand before it, and what it does. */
interface Flag {
  readonly name: string;
  readonly negatable: boolean;
  readonly since?: number;
  set(draft: Draft, value: boolean): void;
}

/** In sshd's order, which decides between names that begin alike. */
const flags: readonly Flag[] = [
  {
    name: "restrict",
    negatable: false,
    set(draft) {
      draft.isRestricted = true;
      draft.permitsPortForwarding = false;
      draft.permitsAgentForwarding = false;
      draft.permitsX11Forwarding = false;
      draft.permitsPty = false;
      draft.permitsUserRc = false;
    },
  },
  {
    name: "cert-authority",
    negatable: false,
    set(draft) {
      draft.isCertAuthority = true;
    },
  },
  {
    name: "port-forwarding",
    negatable: true,
    set(draft, value) {
      draft.permitsPortForwarding = value;
    },
  },
  {
    name: "agent-forwarding",
    negatable: true,
    set(draft, value) {
      draft.permitsAgentForwarding = value;
    },
  },
  {
    name: "x11-forwarding",
    negatable: true,
    set(draft, value) {
      draft.permitsX11Forwarding = value;
    },
  },
  {
    name: "touch-required",
    negatable: true,
    set(draft, value) {
      draft.requiresTouch = value;
    },
  },
  {
    name: "verify-required",
    negatable: true,
    since: 804,
    set(draft, value) {
      draft.requiresVerification = value;
    },
  },
  {
    name: "pty",
    negatable: true,
    set(draft, value) {
      draft.permitsPty = value;
    },
  },
  {
    name: "user-rc",
    negatable: true,
    set(draft, value) {
      draft.permitsUserRc = value;
    },
  },
];

const mostPermits = 4097;
const mostEnvironment = 1025;
/** Of several values for one variable. */
const firstCountsSinceRelease = 807;

/** Takes an option's value; returns what is wrong with it. */
type ValueReader = (draft: Draft, value: string, context: Required<OptionsContext>) => string | undefined;

const valueReaders: ReadonlyMap<string, ValueReader> = new Map<string, ValueReader>([
  ["command", once("command")],
  ["principals", once("principals")],
  ["from", once("from")],
  [
    "expiry-time",
    (draft, value, { release }) => {
      const expiry = parseExpiryTime(value, release);
      if (!expiry) return "invalid expires time";
      draft.expiries.push(expiry);
      return undefined;
    },
  ],
  ["environment", readEnvironment],
  ["permitopen", readPermit("permitOpen")],
  ["permitlisten", readPermit("permitListen")],
  [
    "tunnel",
    (draft, value) => {
      const device = lowerAscii(value) === "any" ? maxInt : parseDecimal(value, 0, maxInt - 2);
      if (typeof device !== "number") return "invalid tun device";
      draft.tunnel = device;
      return undefined;
    },
  ],
]);

function once(name: "command" | "principals" | "from"): ValueReader {
  return (draft, value) => {
    if (draft[name] !== undefined) return `multiple "${name}" clauses`;
    draft[name] = value;
    return undefined;
  };
}

function readEnvironment(
  draft: Draft,
  value: string,
  { release }: Required<OptionsContext>,
): string | undefined {
  if (draft.environment.length >= mostEnvironment) return "too many environment strings";
  const name = /^([A-Za-z0-9_]+)=/.exec(value)?.[0];
  if (!name) return "invalid environment string";
  const at = draft.environment.findIndex((other) => other.startsWith(name));
  if (at === -1) draft.environment.push(value);
  else if (release < firstCountsSinceRelease) draft.environment[at] = value;
  return undefined;
}

const longestHost = 1024;

function readPermit(name: "permitOpen" | "permitListen"): ValueReader {
  return (draft, value, { services }) => {
    const permits = draft[name];
    if (permits.length >= mostPermits) return "too many permission directives";
    const permit = name === "permitListen" && !value.includes(":") ? `*:${value}` : value;
    const parts = /^(\[[^\]]*\]|[^[:/][^:/]*|)(?:[:/](.*))?$/s.exec(permit);
    if (!parts || (parts[1]?.length ?? 0) > longestHost) return "invalid permission hostname";
    const port = parts[2];
    if (port === undefined || !(port === "*" || isPort(port, services))) return "invalid permission port";
    permits.push(permit);
    return undefined;
  };
}

function isPort(text: string, services: ReadonlyMap<string, number>): boolean {
  const port = parseDecimal(text, 0, 65_535);
  return (typeof port === "number" ? port : (services.get(text) ?? 0)) > 0;
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

/** How an option is written. */
export interface OptionForm {
  /** As the manual page writes it: "no-pty", "X11-forwarding", "command". */
  readonly name: string;
  readonly hasValue: boolean;
  /** First release that knows it; an older sshd skips the whole line. */
  readonly since?: number;
}

/** Every option that some sshd reads, with both forms of those that can be negated. */
export const optionForms: readonly OptionForm[] = [
  ...flags.flatMap(({ name, negatable, since }) => {
    const written = name === "x11-forwarding" ? "X11-forwarding" : name;
    const positive = { name: written, hasValue: false, since };
    return negatable ? [positive, { ...positive, name: `no-${written}` }] : [positive];
  }),
  ...Array.from(valueReaders.keys(), (name) => ({ name, hasValue: true })),
];

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
