import {
  type AddressSet,
  everyAddress,
  intersect,
  setOfRuns,
  setOfScope,
  subtract,
  unite,
} from "@/lib/access/assertions/address-set";
import type {
  AlwaysAssertion,
  Assertion,
  NobodyAssertion,
  OnlyAssertion,
  Subject,
} from "@/lib/access/assertions/assertion";
import { fitsMethods, type OwnerOf } from "@/lib/access/assertions/fits-methods";
import {
  type AssertionAnswer,
  answerOf,
  missingWay,
  type Offence,
  offenceOf,
} from "@/lib/access/assertions/offence";
import { fitsAccount } from "@/lib/access/assertions/scope";
import type { KeyOwner, LoginPath } from "@/lib/access/who-can-log-in";

/** What is known of a host beside the ways in. */
export interface AssertedHost {
  readonly accounts: readonly { readonly name: string; readonly uid: number }[];
  /** Why what was read cannot be relied upon (`doubtsOf`); with any, no rule holds. */
  readonly doubts: readonly string[];
  readonly people: readonly KeyOwner[];
  /** sshd listens on loopback addresses alone. */
  readonly isLocalOnly?: boolean;
  /** Our own way in: rules do not speak of it. */
  readonly own?: { readonly account: string; readonly fingerprint: string };
}

/**
 * Does a rule hold on a host that it is about (`isAbout`)?
 *
 * What only the host can tell does not count as holding, for no kind of rule: a way that may be open offends `nobody` and
 * `only`, and does not satisfy `always`.
 *
 * @param paths every way in of the host (`whoCanLogIn`)
 * @throws RangeError for networks that `refuseNetwork` refuses
 */
export function checkAssertion(
  assertion: Assertion,
  paths: readonly LoginPath[],
  host: AssertedHost,
): AssertionAnswer {
  if (assertion.quantifier !== "always") return answerOf(findOffending(assertion, paths, host), host.doubts);
  // Where not all was read, a way that was not found may be there.
  const missing = findMissing(assertion, paths, host).map((offence) => ({
    ...offence,
    dependsOn: [...offence.dependsOn, ...host.doubts],
  }));
  return answerOf(missing, host.doubts);
}

function findOffending(
  assertion: NobodyAssertion | OnlyAssertion,
  paths: readonly LoginPath[],
  { people, own }: AssertedHost,
): Offence[] {
  const ownerOf = ownersByPrint(people);
  const scope = setOfScope(assertion.addresses);
  // By the text of the runs: nearly all ways share a few.
  const cuts = new Map<string, AddressSet>();
  const cutOf = (ranges: LoginPath["ranges"]) => {
    const id = ranges.map(({ first, last }) => `${first} ${last}`).join();
    const known = cuts.get(id) ?? intersect(setOfRuns(ranges), scope);
    cuts.set(id, known);
    return known;
  };
  return paths.flatMap((path): Offence[] => {
    const { account: name, uid, dependsOn } = path;
    if (!fitsAccount(assertion.accounts, { name, uid }) || isOwn(path, own)) return [];
    const where = cutOf(path.ranges);
    if (where.length === 0) return [];
    const fit = fitsMethods(assertion.methods, path, ownerOf);
    if (fit.is === "no") return [];
    const reasons = fit.is === "yes" && fit.reason !== undefined ? [fit.reason] : [];
    if (assertion.quantifier === "only") {
      if (isTheirs(path, assertion.subjects, ownerOf)) return [];
      reasons.push(strangerOf(path, ownerOf));
    }
    return [offenceOf(path, where, reasons, fit.is === "maybe" ? [...dependsOn, fit.dependsOn] : dependsOn)];
  });
}

function ownersByPrint(people: readonly KeyOwner[]): OwnerOf {
  const owners = new Map(
    people.flatMap((person) => person.fingerprints.map((print) => [print, person] as const)),
  );
  return (print) => owners.get(print);
}

/** The key by which we manage the host, to the account that it is for. Any other key of that account counts. */
function isOwn({ account, steps }: LoginPath, own: AssertedHost["own"]): boolean {
  return (
    own !== undefined &&
    account === own.account &&
    steps.length > 0 &&
    steps.every(({ key }) => key?.fingerprint === own.fingerprint)
  );
}

/** All steps of a way are needed, so one that is theirs is enough. Who has left is nobody's friend. */
function isTheirs({ account, steps }: LoginPath, subjects: readonly Subject[], ownerOf: OwnerOf): boolean {
  return subjects.some((subject) => {
    if (subject.kind === "account") return subject.name === account;
    return steps.some(({ key }) => {
      if (key?.fingerprint === undefined) return false;
      if (subject.kind === "key") return key.fingerprint === subject.fingerprint;
      const owner = key.kind === "key" ? ownerOf(key.fingerprint) : undefined;
      return owner !== undefined && owner.id === subject.personId && owner.hasLeft !== true;
    });
  });
}

/** Who else takes the way, as far as can be told. */
function strangerOf({ steps }: LoginPath, ownerOf: OwnerOf): string {
  for (const { key } of steps) {
    if (!key) continue;
    if (key.kind === "authority") return `a certificate of ${key.fingerprint ?? "an authority"} is enough`;
    if (key.kind === "command" || key.fingerprint === undefined)
      return "a program on the host names the keys";
    const owner = ownerOf(key.fingerprint);
    if (!owner) return `the key ${key.fingerprint} belongs to nobody whom Gatehouse knows`;
    return `the key is of ${owner.name}${owner.hasLeft ? ", who has left" : ""}`;
  }
  const factors = steps.flatMap((step) => step.factors);
  if (factors.includes("host")) return "whoever is trusted on the client machine gets in";
  if (factors.includes("ticket")) return "whoever has a Kerberos ticket gets in";
  return factors.includes("nothing") ? "no password is needed" : "whoever knows what is typed gets in";
}

function findMissing(assertion: AlwaysAssertion, paths: readonly LoginPath[], host: AssertedHost): Offence[] {
  const { addresses, subject, accounts, session } = assertion;
  const ownerOf = ownersByPrint(host.people);
  const isMeant = (account: { name: string; uid: number }) =>
    subject.kind === "account" ? subject.name === account.name : fitsAccount(accounts, account);
  const obstacle = obstacleOf(subject, host, isMeant);
  if (obstacle !== undefined) return [missingWay(setOfScope(addresses), [obstacle])];
  const certain: LoginPath[] = [];
  const doubtful: LoginPath[] = [];
  const doubts = new Set<string>();
  const limits = new Set<string>();
  for (const path of paths) {
    if (!isMeant({ name: path.account, uid: path.uid })) continue;
    const taken = canTake(path, subject, ownerOf);
    if (taken === "no") continue;
    const limit = limitOf(path, session);
    if (limit !== undefined) {
      limits.add(`${path.account}: ${limit}`);
      continue;
    }
    const unsure = [...path.dependsOn, ...arrivalDoubts(path, host)];
    if (taken === "maybe") doubts.add("who holds a certificate, or a key that a program on the host names");
    for (const doubt of unsure) doubts.add(doubt);
    (taken === "yes" && unsure.length === 0 ? certain : doubtful).push(path);
  }
  return missingFrom(addresses, { certain, doubtful, doubts: [...doubts], limits: [...limits] });
}

/** Clients may come to another address of the host, or to none at all. */
function arrivalDoubts({ to }: LoginPath, { isLocalOnly }: AssertedHost): string[] {
  if (isLocalOnly)
    return ["whether clients reach sshd, which listens on the host's own loopback address alone"];
  return to === undefined
    ? []
    : [`whether clients come to ${to}: the way is not open at every address of the host`];
}

interface Found {
  certain: readonly LoginPath[];
  doubtful: readonly LoginPath[];
  doubts: readonly string[];
  limits: readonly string[];
}

function missingFrom(
  addresses: AlwaysAssertion["addresses"],
  { certain, doubtful, doubts, limits }: Found,
): Offence[] {
  const open = unite(certain.flatMap(({ ranges }) => setOfRuns(ranges)));
  const perhaps = unite([...open, ...doubtful.flatMap(({ ranges }) => setOfRuns(ranges))]);
  if (addresses.kind === "any") {
    if (open.length > 0) return [];
    return [perhaps.length > 0 ? missingWay(everyAddress, [], doubts) : missingWay(everyAddress, limits)];
  }
  const wanted = setOfScope(addresses);
  const shut = subtract(wanted, perhaps);
  const uncertain: AddressSet = intersect(subtract(wanted, open), perhaps);
  return [
    ...(shut.length > 0 ? [missingWay(shut, limits)] : []),
    ...(uncertain.length > 0 ? [missingWay(uncertain, [], doubts)] : []),
  ];
}

function obstacleOf(
  subject: Subject,
  { accounts, people }: AssertedHost,
  isMeant: (account: { name: string; uid: number }) => boolean,
): string | undefined {
  if (!accounts.some(isMeant)) return "the host has no such account";
  if (subject.kind !== "person") return undefined;
  const person = people.find(({ id }) => id === subject.personId);
  return person && person.fingerprints.length > 0 ? undefined : "no proved key of this person is known";
}

/**
 * Can the subject take the way? What is typed is taken for known to whoever has the key beside it; a key of anybody
 * else is not to be had.
 */
function canTake(path: LoginPath, subject: Subject, ownerOf: OwnerOf): "yes" | "no" | "maybe" {
  const keys = path.steps.flatMap(({ key }) => key ?? []);
  const isSeen = keys.every(({ kind, fingerprint }) => kind === "key" && fingerprint !== undefined);
  if (subject.kind === "account") return isSeen ? "yes" : "maybe";
  const isTheirs = ({ kind, fingerprint }: (typeof keys)[number]) => {
    if (fingerprint === undefined) return false;
    if (subject.kind === "key") return fingerprint === subject.fingerprint;
    return kind === "key" && ownerOf(fingerprint)?.id === subject.personId;
  };
  const others = keys.filter((key) => !isTheirs(key));
  if (keys.length > 0 && others.length === 0) return "yes";
  // A certificate may be theirs; a plain key of somebody else is not.
  return others.some(({ kind }) => kind === "key") || others.length === 0 ? "no" : "maybe";
}

/** Why a login that succeeds is not what `always` promises. */
function limitOf({ limits }: LoginPath, session: AlwaysAssertion["session"]): string | undefined {
  if (limits.isClosed) return "/etc/nologin ends every session";
  if (session === "any") return undefined;
  if (limits.hasNoShell) return "the shell ends every session";
  if (limits.forcedCommand !== undefined) return "only a forced command runs";
  return undefined;
}
