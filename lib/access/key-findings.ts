import type { AccountFacts } from "@/lib/access/facts";
import { type Finding, type FindingInput, situationOf } from "@/lib/access/finding";
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
  const owners = new Map<string, KeyOwner[]>();
  for (const person of input.people)
    for (const print of person.fingerprints) owners.set(print, [...(owners.get(print) ?? []), person]);
  return placesOfKeys(input).flatMap((place) => {
    const base = {
      account: place.account.name,
      fingerprint: place.fingerprint,
      source: `${place.path}:${place.line}`,
    };
    const name = place.comment === "" ? place.fingerprint : `${place.comment} (${place.fingerprint})`;
    const found: Finding[] = [];
    const own = owners.get(place.fingerprint) ?? [];
    const left = own.find((person) => person.hasLeft);
    if (input.people.length > 0 && own.length === 0)
      found.push({
        ...base,
        code: "unowned-key",
        severity: "medium",
        text: `Nobody here owns the key ${name}, which ${place.account.name} lets in.`,
        fix: "Say whose key it is, or remove the line.",
      });
    if (left)
      found.push({
        ...base,
        code: "key-of-leaver",
        severity: "high",
        text: `${left.name} has left, and the key ${name} is still there.`,
        fix: "Remove the line.",
      });
    if (own.length > 1)
      found.push({
        ...base,
        code: "shared-key",
        severity: "medium",
        text: `${own.map((person) => person.name).join(" and ")} share the key ${name}: nobody can tell who logs in.`,
        fix: "Give each of them a key of their own, then remove this one.",
      });
    if (place.type === "ssh-dss" || (place.type === "ssh-rsa" && place.bits < smallestGoodRsaBits))
      found.push({
        ...base,
        code: "weak-key",
        severity: "medium",
        text: `The key ${name} is ${place.type === "ssh-dss" ? "a DSA key" : `an RSA key of ${place.bits} bits`}, which is too weak.`,
        fix: "Replace it with an Ed25519 key.",
      });
    if (place.expiresAt !== undefined && place.expiresAt < input.now)
      found.push({
        ...base,
        code: "expired-key",
        severity: "low",
        text: `The key ${name} has expired and opens nothing any more.`,
        fix: "Remove the line.",
      });
    return found;
  });
}
