import { createHash } from "node:crypto";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";
import { findAccessFaults } from "@/lib/access/findings";
import { startServer } from "@/lib/access/server";
import { type LoginPath, whoCanLogIn } from "@/lib/access/who-can-log-in";
import { findingView } from "@/lib/features/access/finding-view";
import { type DerivedKey, findKeys } from "@/lib/features/access/found-keys";
import { byAccount, pathView } from "@/lib/features/access/path-view";
import { storableList, storableText } from "@/lib/features/access/storable";
import type { AccessFindingView, AccessPathView } from "@/lib/features/access/views";
import { log } from "@/lib/log";

/**
 * The version of what is made of a reading. Raise it whenever `lib/access` or this file would make other rows of the
 * same facts: every host is then derived anew, without being asked again.
 */
export const modelVersion = 4;

/** More ways of one host are not kept: a host that makes up accounts must not fill the database. */
const mostPaths = 20_000;
const mostFindings = 5_000;

/** A row of AccessPath, without what only the table knows (the host, when it was first seen). */
export interface DerivedPath {
  readonly id: string;
  readonly digest: string;
  readonly position: number;
  readonly account: string;
  readonly uid: number;
  readonly fingerprint: string | null;
  readonly fingerprints: string[];
  readonly keySources: string[];
  readonly keyType: string | null;
  readonly comment: string | null;
  readonly methods: string;
  readonly factors: number;
  readonly asksPassword: boolean;
  readonly isCertain: boolean;
  readonly from: string[];
  readonly forcedCommand: string | null;
  readonly limits: string[];
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly words: string;
  readonly view: AccessPathView;
}

/** A row of AccessFindingRow, without what only the table knows. */
export interface DerivedFinding {
  readonly id: string;
  readonly digest: string;
  readonly code: string;
  readonly severity: string;
  readonly account: string | null;
  readonly fingerprint: string | null;
  readonly subject: string;
  readonly title: string;
  readonly view: AccessFindingView;
}

/** What a reading comes to, ready to be written. */
export interface DerivedAccess {
  /** Why sshd refuses its own configuration; null when it does not. */
  readonly refused: string | null;
  /** Why nothing could be told; null when it could. */
  readonly failure: string | null;
  readonly paths: readonly DerivedPath[];
  readonly leftOut: number;
  /** How much of the host was not read; 0: the ways are all of them. */
  readonly cuts: number;
  readonly findings: readonly DerivedFinding[];
  /** Lines of key files. */
  readonly keys: readonly DerivedKey[];
  /** The ways themselves, for what else is judged by them. Without people. */
  readonly ways: readonly LoginPath[];
}

/**
 * Everything that is kept of who can log in, made from what was read. Takes milliseconds to a second: call it outside
 * of transactions. Never throws: what cannot be judged is said.
 *
 * @param logins the last first
 * @param at decides about what expires
 * @param loginsSince since when the logins are all of them, ISO 8601; undefined: the host keeps no records
 */
export function deriveAccess(
  { logins: _, loginsSince: __, ...facts }: HostFacts,
  logins: readonly LoginFacts[],
  at: Date,
  loginsSince?: string,
): DerivedAccess {
  const cuts = facts.cuts.length;
  try {
    const now = Math.floor(at.getTime() / 1000);
    // Logins are kept beside the facts, because they move when nothing else does: what the facts say of them is old.
    const known: HostFacts = { ...facts, logins, ...(loginsSince !== undefined && { loginsSince }) };
    const server = startServer(known);
    const ways = whoCanLogIn(known, { now, server });
    const findings = findAccessFaults({ server, paths: ways, people: [], now });
    const loginsOf = byAccount(logins);
    const found = findKeys(known, logins, now);
    return {
      refused: server.refused === undefined ? null : storableText(server.refused),
      failure: null,
      paths: distinct(
        ways
          .slice(0, mostPaths)
          .map((way, position) => pathRow(way, loginsOf.get(way.account) ?? [], position)),
      ),
      leftOut: Math.max(0, ways.length - mostPaths) + found.leftOut,
      cuts,
      findings: distinct(findings.slice(0, mostFindings).map((finding) => findingRow(findingView(finding)))),
      keys: found.keys,
      ways,
    };
  } catch (error) {
    log.error("Who can log in could not be derived from a reading", { error });
    return {
      refused: null,
      failure:
        "What was read on this host cannot be judged. Read it again; if that does not help, report it.",
      paths: [],
      leftOut: 0,
      cuts,
      findings: [],
      keys: [],
      ways: [],
    };
  }
}

function pathRow(way: LoginPath, logins: readonly LoginFacts[], position: number): DerivedPath {
  const view = storableView(pathView(way, logins));
  const named = way.steps.flatMap(({ key }) => (key ? [key] : []));
  // An authority's key is nobody's, and a program's keys are not known.
  const keys = named.filter(({ kind, fingerprint }) => kind === "key" && fingerprint !== undefined);
  const [first] = named;
  const used = view.lastUsedAt === null ? Number.NaN : Date.parse(view.lastUsedAt);
  const { expiresAt } = way.limits;
  const row = {
    position,
    account: view.account,
    uid: way.uid,
    fingerprint: keys[0]?.fingerprint ?? null,
    fingerprints: keys.map((key) => key.fingerprint ?? ""),
    keySources: keys.map((key) => storableText(key.grant?.source ?? "")),
    keyType: first?.type === undefined ? null : storableText(first.type),
    comment: first?.comment ? storableText(first.comment) : null,
    methods: view.steps.map((step) => step.method).join(","),
    factors: way.factors,
    asksPassword: way.steps.some((step) => step.factors.includes("password")),
    isCertain: way.dependsOn.length === 0,
    from: view.from,
    forcedCommand: view.forcedCommand,
    limits: view.limits,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt * 1000),
    lastUsedAt: Number.isNaN(used) ? null : new Date(used),
    words: wordsOf(view),
    view,
  };
  const id = hashOf([
    way.account,
    way.steps.map(({ method, factors, key }) => [
      method,
      factors,
      key?.kind,
      key?.fingerprint,
      key?.principals,
    ]),
    way.from,
    way.to,
  ]);
  return { id, digest: hashOf(row), ...row };
}

function wordsOf({ account, from, steps, forcedCommand }: AccessPathView): string {
  const ofKeys = steps.flatMap(({ key }) => [key?.comment, key?.fingerprint, ...(key?.principals ?? [])]);
  const words = [account, ...ofKeys, ...from, forcedCommand].filter((word) => word);
  return storableText(words.join("\n").toLowerCase(), 4000);
}

function findingRow(view: AccessFindingView): DerivedFinding {
  const { code, severity, account, fingerprint, source, what } = view;
  const row = {
    code,
    severity,
    account,
    fingerprint,
    subject: account ?? fingerprint ?? source ?? "the whole host",
    title: what,
    view,
  };
  const id = hashOf([code, account, fingerprint, source?.replace(/:\d+$/, ""), fingerprint ? "" : what]);
  return { id, digest: hashOf(row), ...row };
}

function storableView(view: AccessPathView): AccessPathView {
  return {
    ...view,
    account: storableText(view.account),
    from: storableList(view.from),
    steps: view.steps.map((step) => ({
      ...step,
      key: step.key && {
        ...step.key,
        type: step.key.type === null ? null : storableText(step.key.type),
        comment: step.key.comment === null ? null : storableText(step.key.comment),
        principals: storableList(step.key.principals),
      },
    })),
    forcedCommand: view.forcedCommand === null ? null : storableText(view.forcedCommand, 2000),
    limits: storableList(view.limits),
    why: view.why.slice(0, 50).map(({ text, source }) => ({
      text: storableText(text),
      source: source === null ? null : storableText(source),
    })),
    dependsOn: storableList(view.dependsOn),
  };
}

/** Two rows of one id (the same key twice, say) are told apart by their number. */
function distinct<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const before = seen.get(row.id) ?? 0;
    seen.set(row.id, before + 1);
    return before === 0 ? row : { ...row, id: `${row.id}-${before + 1}` };
  });
}

/** Half a SHA-256 is as good as a whole one to tell the rows of one host apart. */
function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
