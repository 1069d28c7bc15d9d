import type {
  AccountScope,
  AddressScope,
  Assertion,
  HostScope,
  MethodScope,
  Subject,
} from "@/lib/access/assertions/assertion";

/** What stands for a person in a sentence; undefined: he is gone. */
export type NameOf = (personId: string) => string | undefined;

/** A rule as a sentence for people, without a full stop: "Nobody from outside 10.0.0.0/8 reaches root on hosts tagged prod". */
export function printAssertion(assertion: Assertion, nameOf: NameOf): string {
  const hosts = printHosts(assertion.hosts, assertion.quantifier === "always");
  switch (assertion.quantifier) {
    case "nobody": {
      const { accounts, addresses, methods } = assertion;
      return `Nobody${printFrom(addresses)} reaches ${printAccounts(accounts, "any account")} on ${hosts}${methodWords[methods]}`;
    }
    case "only": {
      const { subjects, accounts, addresses, methods } = assertion;
      const names = listOf(
        subjects.map((subject) => printSubject(subject, nameOf)),
        "and",
      );
      const verb = subjects.length === 1 ? "reaches" : "reach";
      return `Only ${names}${printFrom(addresses)} ${verb} ${printAccounts(accounts, "any account")} on ${hosts}${methodWords[methods]}`;
    }
    case "always": {
      const { subject, accounts, addresses, session } = assertion;
      const where = addresses.kind === "any" ? ", from at least one address" : printEvery(addresses);
      const least = session === "any" ? ", if only for a forced command" : "";
      const sentence =
        subject.kind === "account"
          ? `the account ${subject.name} can always be reached on ${hosts}`
          : `${printSubject(subject, nameOf)} always reaches ${printAccounts(accounts, "an account")} on ${hosts}`;
      return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}${where}${least}`;
    }
  }
}

const methodWords: Readonly<Record<MethodScope, string>> = {
  any: "",
  password: " with a password",
  "typed-only": " by what is typed alone",
  "single-factor": " with a single factor",
  "no-security-key": " without a security key",
  "unowned-key": " with a key that nobody owns",
  "leaver-key": " with a key of somebody who has left",
};

function printSubject(subject: Subject, nameOf: NameOf): string {
  switch (subject.kind) {
    case "person":
      return nameOf(subject.personId) ?? "somebody who was removed";
    case "key":
      return `the key ${subject.fingerprint}`;
    case "account":
      return `the account ${subject.name}`;
  }
}

/** `always` is about each of them, the other kinds about any. */
function printHosts(scope: HostScope, isEach: boolean): string {
  switch (scope.kind) {
    case "all":
      return isEach ? "every host" : "any host";
    case "tags":
      return `${isEach ? "every host" : "hosts"} tagged ${listOf(scope.tags, "or")}`;
    case "names":
      return listOf(scope.patterns, isEach ? "and" : "or");
  }
}

function printAccounts(scope: AccountScope, all: string): string {
  if (scope.kind === "all") return all;
  return scope.kind === "root" ? "root" : listOf(scope.patterns, "or");
}

function printFrom(scope: AddressScope): string {
  if (scope.kind === "any") return "";
  return ` from ${scope.kind === "outside" ? "outside " : ""}${listOf(scope.networks, scope.kind === "outside" ? "and" : "or")}`;
}

function printEvery(scope: Exclude<AddressScope, { kind: "any" }>): string {
  const networks = listOf(scope.networks, "and");
  return scope.kind === "inside"
    ? ` from every address of ${networks}`
    : ` from every address outside ${networks}`;
}

function listOf(items: readonly string[], word: "and" | "or"): string {
  if (items.length === 0) return "nothing";
  const last = items.at(-1) ?? "";
  return items.length === 1 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}
