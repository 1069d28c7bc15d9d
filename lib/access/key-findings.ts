import type { AccountFacts } from "@/lib/access/facts";
import { type Finding, type FindingInput, type Fix, isOfPerson, situationOf } from "@/lib/access/finding";
import { entriesOf } from "@/lib/access/key-entries";
import { keyFilesOf } from "@/lib/access/key-files";
import { printOf } from "@/lib/access/key-print";
import type { KeyOwner } from "@/lib/access/who-can-log-in";
import { earliestExpirySecond } from "@/lib/authorized-keys/expiry-time";

interface KeyPlace {
  account: AccountFacts;
  path: string;
  line: number;
  fingerprint: string;
  type: string;
  bits: number;
  comment: string;
  expiresAt: number | undefined;
}

/** Every key that a file of an account names, whether or not sshd takes it. */
function placesOfKeys({ server, now }: FindingInput): KeyPlace[] {
  const zone = server.facts.sshd.zoneMinutes;
  const seen = new Set<string>();
  return [...server.accounts.values()].flatMap((account) =>
    [...keyFilesOf(situationOf(server, account, now), account)].flatMap((path): KeyPlace[] => {
      if (path === undefined || seen.has(`${account.name} ${path}`)) return [];
      seen.add(`${account.name} ${path}`);
      return entriesOf(server, path).map(({ key, line, comment, options }) => ({
        account,
        path,
        line,
        fingerprint: printOf(key.blob),
        type: key.type,
        bits: key.bits,
        comment,
        expiresAt: earliestExpirySecond(options.expiries, zone),
      }));
    }),
  );
}

const smallestGoodRsaBits = 2048;

/** Keys that nobody owns, that a leaver or several people own, that are weak or have expired. */
export function findKeyFaults(input: FindingInput): Finding[] {
  const places = placesOfKeys(input);
  const owners = new Map<string, KeyOwner[]>();
  for (const person of input.people)
    for (const print of person.fingerprints) owners.set(print, [...(owners.get(print) ?? []), person]);
  const homes = new Map<string, Set<string>>();
  for (const { account, fingerprint } of places)
    if (isOfPerson(account))
      homes.set(fingerprint, (homes.get(fingerprint) ?? new Set<string>()).add(account.name));
  return places.flatMap((place) => {
    const own = owners.get(place.fingerprint) ?? [];
    const accounts = [...(homes.get(place.fingerprint) ?? [])];
    return [
      ...faultsOfOwner(place, own, input.people.length > 0),
      ...faultsOfSharing(place, own, accounts),
      ...faultsOfKey(place, input.now),
    ];
  });
}

function baseOf(place: KeyPlace) {
  const { account, fingerprint, path, line } = place;
  return { account: account.name, fingerprint, source: `${path}:${line}` };
}

const nameOf = ({ comment, fingerprint }: KeyPlace) =>
  comment === "" ? fingerprint : `${comment} (${fingerprint})`;

const removal = ({ path, line, fingerprint }: KeyPlace): Fix => ({
  kind: "remove-key-line",
  path,
  line,
  fingerprint,
});

function faultsOfOwner(place: KeyPlace, own: readonly KeyOwner[], areOwnersKnown: boolean): Finding[] {
  const left = own.find((person) => person.hasLeft);
  if (left)
    return [
      {
        ...baseOf(place),
        code: "key-of-leaver",
        severity: "high",
        what: `${left.name} has left, and the key ${nameOf(place)} still stands in ${place.path}.`,
        why: `Whoever has that key can log in to ${place.account.name}.`,
        advice: "Remove the line.",
        fix: removal(place),
      },
    ];
  if (!areOwnersKnown || own.length > 0) return [];
  return [
    {
      ...baseOf(place),
      code: "unowned-key",
      severity: "medium",
      what: `Nobody here owns the key ${nameOf(place)}, which ${place.account.name} lets in.`,
      why: "Nobody can say who logs in with it, and nobody will take it away when its owner leaves.",
      advice: "Say whose key it is, or remove the line.",
    },
  ];
}

/** One key of several people, or one that nobody owns in the accounts of several. */
function faultsOfSharing(place: KeyPlace, own: readonly KeyOwner[], accounts: readonly string[]): Finding[] {
  const base = { ...baseOf(place), code: "shared-key", severity: "medium" } as const;
  const why = "Nobody can tell who logs in, and taking it from one takes it from all.";
  const advice = "Give each of them a key of their own, then remove this one.";
  if (own.length > 1) {
    const names = own.map((person) => person.name).join(" and ");
    return [{ ...base, what: `${names} share the key ${nameOf(place)}.`, why, advice }];
  }
  if (own.length > 0 || accounts.length < 2 || !isOfPerson(place.account)) return [];
  const some = accounts.slice(0, 4).join(", ");
  const named = accounts.length > 4 ? `${some} and ${accounts.length - 4} more` : some;
  return [{ ...base, what: `The accounts ${named} let in the same key ${nameOf(place)}.`, why, advice }];
}

function faultsOfKey(place: KeyPlace, now: number): Finding[] {
  const found: Finding[] = [];
  if (place.type === "ssh-dss" || (place.type === "ssh-rsa" && place.bits < smallestGoodRsaBits))
    found.push({
      ...baseOf(place),
      code: "weak-key",
      severity: "medium",
      what: `The key ${nameOf(place)} is ${place.type === "ssh-dss" ? "a DSA key" : `an RSA key of ${place.bits} bits`}.`,
      why: "Keys of that strength are within reach of whoever cares enough; newer versions of OpenSSH refuse them.",
      advice: "Replace it with an Ed25519 key, then remove the line.",
    });
  if (place.expiresAt !== undefined && place.expiresAt < now)
    found.push({
      ...baseOf(place),
      code: "expired-key",
      severity: "low",
      what: `The key ${nameOf(place)} has expired and opens nothing any more.`,
      why: "A line that does nothing hides those that do, and comes back to life with a new date.",
      advice: "Remove the line.",
      fix: removal(place),
    });
  return found;
}
