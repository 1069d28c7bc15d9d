import type { LoginPath } from "@/lib/access/who-can-log-in";

/** Somebody who can or could log in to an account: a person we know, a key nobody owns, or whoever has a password. */
export interface Who {
  /** The same before and after the change (`subjectOf`). */
  readonly id: string;
  readonly account: string;
  /** The person's name; undefined: a key that nobody owns, or no key at all. */
  readonly person?: string;
  /** The key that the way needs, where it needs one: "SHA256:…". */
  readonly fingerprint?: string;
  /** The key's own comment, for people. */
  readonly comment?: string;
  /** "publickey", "password", "publickey,keyboard-interactive". */
  readonly methods: string;
}

/** A change of how somebody logs in to an account. */
export interface FactorChange extends Who {
  readonly before: number;
  readonly after: number;
}

/** Addresses from which somebody gains or loses an account, who keeps it from others. */
export interface AddressChange extends Who {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What a change does to who can log in. */
export interface AccessDifference {
  /** Had no way into the account before. */
  readonly gains: readonly Who[];
  /** Has no way into the account any more. */
  readonly loses: readonly Who[];
  /** The fewest factors that are enough, where they get fewer. */
  readonly weakened: readonly FactorChange[];
  readonly strengthened: readonly FactorChange[];
  readonly moved: readonly AddressChange[];
  /** Ways that only the host can judge stand on one side: the answer above is not certain. */
  readonly isCertain: boolean;
}

interface Subject {
  who: Who;
  paths: LoginPath[];
}

/**
 * Who gains, who loses, and who needs fewer factors than before, by name.
 *
 * A person counts once an account, by whichever key; a key that nobody owns counts for itself; whoever knows what is
 * typed (a password, a code) counts once, by whichever method it is asked for.
 */
export function accessDifference(
  before: readonly LoginPath[],
  after: readonly LoginPath[],
): AccessDifference {
  const old = subjectsOf(before);
  const now = subjectsOf(after);
  const gains = [...now].filter(([id]) => !old.has(id)).map(([, { who }]) => who);
  const loses = [...old].filter(([id]) => !now.has(id)).map(([, { who }]) => who);
  const weakened: FactorChange[] = [];
  const strengthened: FactorChange[] = [];
  const moved: AddressChange[] = [];
  for (const [id, { who, paths }] of now) {
    const was = old.get(id);
    if (!was) continue;
    const change = { ...who, before: fewestFactors(was.paths), after: fewestFactors(paths) };
    if (change.after < change.before) weakened.push(change);
    if (change.after > change.before) strengthened.push(change);
    const [from, to] = [addressesOf(was.paths), addressesOf(paths)];
    if (from.join() !== to.join()) moved.push({ ...who, before: from, after: to });
  }
  const isCertain = [...before, ...after].every((path) => path.dependsOn.length === 0);
  return { gains, loses, weakened, strengthened, moved, isCertain };
}

function subjectsOf(paths: readonly LoginPath[]): Map<string, Subject> {
  const subjects = new Map<string, Subject>();
  for (const path of paths) {
    const who = whoOf(path);
    const { id } = who;
    const there = subjects.get(id) ?? { who, paths: [] };
    there.paths.push(path);
    subjects.set(id, there);
  }
  return subjects;
}

/** Who takes a way, as far as can be told: ways with the same answer are of one subject. */
export function subjectOf(path: LoginPath): string {
  const { account, person, dependsOn, steps } = path;
  if (person) return JSON.stringify([account, "person", person.id]);
  const fingerprint = keyOf(path)?.fingerprint;
  if (fingerprint !== undefined) return JSON.stringify([account, "key", fingerprint]);
  const factors = [...new Set(steps.flatMap((step) => step.factors))];
  if (factors.includes("password") || factors.includes("code")) return JSON.stringify([account, "typed"]);
  return JSON.stringify([account, "other", factors, dependsOn]);
}

const keyOf = ({ steps }: LoginPath) => steps.find((step) => step.key?.fingerprint !== undefined)?.key;

function whoOf(path: LoginPath): Who {
  const key = keyOf(path);
  return {
    id: subjectOf(path),
    account: path.account,
    ...(path.person && { person: path.person.name }),
    ...(key?.fingerprint !== undefined && { fingerprint: key.fingerprint }),
    ...(key?.comment ? { comment: key.comment } : {}),
    methods: path.steps.map((step) => step.method).join(),
  };
}

const fewestFactors = (paths: readonly LoginPath[]) => Math.min(...paths.map((path) => path.factors));

function addressesOf(paths: readonly LoginPath[]): string[] {
  const all = [...new Set(paths.flatMap((path) => path.from))].sort();
  return all.includes("any address") ? ["any address"] : all;
}
