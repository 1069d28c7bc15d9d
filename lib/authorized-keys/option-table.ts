import { type ExpiryTime, parseExpiryTime } from "@/lib/authorized-keys/expiry-time";
import type { KeyOptions, OptionsContext } from "@/lib/authorized-keys/options";
import { maxInt, parseDecimal } from "@/lib/sshd-config/number";
import { lowerAscii } from "@/lib/sshd-config/pattern";

type Mutable<T> = { -readonly [key in keyof T]: T[key] };
/** Options while they are read. */
export interface Draft extends Mutable<KeyOptions> {
  expiries: ExpiryTime[];
  environment: string[];
  permitOpen: string[];
  permitListen: string[];
}

/** A flag's name in lower case, whether `no-` may stand before it, and what it does. */
export interface Flag {
  readonly name: string;
  readonly negatable: boolean;
  readonly since?: number;
  set(draft: Draft, value: boolean): void;
}

/** In sshd's order, which decides between names that begin alike. */
export const flags: readonly Flag[] = [
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
export type ValueReader = (
  draft: Draft,
  value: string,
  context: Required<OptionsContext>,
) => string | undefined;

/** By name in lower case. */
export const valueReaders: ReadonlyMap<string, ValueReader> = new Map<string, ValueReader>([
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
