import { meet, type Situation } from "@/lib/access/connection";
import { destinationsOf } from "@/lib/access/destination";
import type { AccountFacts, HostFacts } from "@/lib/access/facts";
import { type Server, startServer } from "@/lib/access/server";
import type { SourceRange } from "@/lib/access/sources";
import { findWays, type Reason } from "@/lib/access/ways";
import {
  joinDestinations,
  type KeyOwner,
  type LoginPath,
  ownersByPrint,
  toPath,
} from "@/lib/access/who-can-log-in";
import { explainShut } from "@/lib/access/why-shut";
import { type Address, parseAddress, printAddress } from "@/lib/sshd-config/address";

/** Somebody at an address, at a moment. */
export interface WhatIf {
  /** The client's address: "192.0.2.7", "2001:db8::1", in any spelling. */
  readonly address: string;
  /** The moment, in seconds since 1970. */
  readonly at: number;
  /** Only this account; all when not given. */
  readonly account?: string;
  /** Only by keys of this person, and by what needs no key. */
  readonly person?: KeyOwner;
  /** Whose keys are known, for the names in the answer. */
  readonly people?: readonly KeyOwner[];
  /** A server that was started on these facts already. */
  readonly server?: Server;
}

/** An account that stays shut, and what shuts it. */
export interface ShutAccount {
  readonly account: string;
  /** Undefined: the host has no such account. */
  readonly uid?: number;
  /** With the lines that decide, the first first; never empty. */
  readonly why: readonly Reason[];
}

export type WhatIfAnswer =
  /** `text` says what is wrong with the address. */
  | { readonly kind: "not-an-address"; readonly text: string }
  /** sshd refuses its configuration with this sentence: nobody can log in anew. */
  | { readonly kind: "no-server"; readonly text: string }
  | {
      readonly kind: "answer";
      /** Ways that are open, in the order of the host's accounts. Of a person: those that take keys of theirs alone. */
      readonly open: readonly LoginPath[];
      /**
       * Of a person: ways open from there that take no key named in a file (a password, a code, a certificate):
       * whoever has that is in. Empty when no person is asked for.
       */
      readonly keyless: readonly LoginPath[];
      /** Accounts with neither. */
      readonly shut: readonly ShutAccount[];
    };

/**
 * Which ways are open to somebody at an address at a moment, and why the other accounts stay shut.
 *
 * As `whoCanLogIn` for one address; never throws for what people type.
 */
export function whatIf(facts: HostFacts, question: WhatIf): WhatIfAnswer {
  const read = parseAddress(question.address.trim().replace(/^\[(.*)\]$/, "$1"));
  if (!read) return { kind: "not-an-address", text: `${question.address} is no IPv4 or IPv6 address.` };
  const server = question.server ?? startServer(facts);
  if (server.refused !== undefined) return { kind: "no-server", text: server.refused };
  const { person, at } = question;
  const owners = ownersByPrint([...(question.people ?? []), ...(person ? [person] : [])]);
  const prints = person && new Set(person.fingerprints);
  const open: LoginPath[] = [];
  const keyless: LoginPath[] = [];
  const shut: ShutAccount[] = [];
  const asked = question.account;
  if (asked !== undefined && !server.accounts.has(asked))
    shut.push({ account: asked, why: [{ text: "There is no such account." }] });
  for (const account of server.accounts.values()) {
    if (asked !== undefined && account.name !== asked) continue;
    const { paths, situation } = waysAt(server, account, plain(read), at, owners);
    const own = prints
      ? paths.filter((path) => keysOf(path) > 0 && keysOf(path, prints) === keysOf(path))
      : paths;
    const others = prints ? paths.filter((path) => keysOf(path) === 0) : [];
    open.push(...own);
    keyless.push(...others);
    if (own.length + others.length > 0) continue;
    const shared = prints && paths.find((path) => keysOf(path, prints) > 0);
    const why = shared ? [whyNotAlone(shared)] : explainShut(situation, prints);
    const { name, uid } = account;
    shut.push({ account: name, uid, why: why.length > 0 ? why : [{ text: "No method opens it." }] });
  }
  return { kind: "answer", open, keyless, shut };
}

/** How many keys named in a file a way takes; of these alone where they are given. */
function keysOf({ steps }: LoginPath, prints?: ReadonlySet<string>): number {
  return steps.filter(
    ({ key }) => key?.kind === "key" && (prints === undefined || prints.has(key.fingerprint ?? "")),
  ).length;
}

/** Of a person: a way that takes a key of somebody else beside theirs is not open to them. */
function whyNotAlone(path: LoginPath): Reason {
  const rule = path.why.find(({ text }) => text.startsWith("AuthenticationMethods "));
  return { ...rule, text: "A key of somebody else is asked for beside theirs." };
}

/** sshd sees an IPv4 client that came in by an IPv6 socket as what it is: 192.0.2.7 for ::ffff:192.0.2.7. */
function plain(address: Address): Address {
  const { family, bytes } = address;
  const isMapped = family === 6 && bytes.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  return isMapped ? { family: 4, bytes: bytes.slice(12) } : address;
}

function waysAt(
  server: Server,
  account: AccountFacts,
  from: Address,
  now: number,
  owners: ReadonlyMap<string, KeyOwner>,
): { paths: LoginPath[]; situation: Situation } {
  const address = printAddress(from);
  const value = from.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const range: SourceRange = { family: from.family, first: value, last: value, address };
  const destinations = destinationsOf(server);
  const met = destinations.map(({ localAddress, localPort, name }) => ({
    name,
    situation: meet(server, { user: account.name, address, localAddress, localPort, now }),
  }));
  const paths = met.flatMap(({ name, situation }) =>
    findWays(situation).map((way) => {
      const doubts = new Set(
        server.usesNames && !situation.isNameCertain ? ["the name that DNS gives the client"] : [],
      );
      const path = toPath(account, { way, ranges: [range], situation, doubts }, owners, now, server);
      return destinations.length > 1 ? { ...path, to: name } : path;
    }),
  );
  const [first] = met;
  if (!first) throw new Error("A server has at least one destination.");
  return { paths: joinDestinations(paths, destinations.length), situation: first.situation };
}
