import type { AddressScope, Assertion, MethodScope, Subject } from "@/lib/access/assertions/assertion";
import type { RuleSeverity } from "@/lib/features/access-rules/views";

export type Quantifier = Assertion["quantifier"];

/** Whom a rule names, as it is being chosen. */
export interface SubjectDraft {
  /** Tells rows apart while they are added and taken away. */
  id: number;
  kind: Subject["kind"];
  /** A person's id, a fingerprint, or the name of an account. */
  value: string;
}

/** A rule as it stands in the form: lists are one text each, with blanks or commas between. */
export interface RuleDraft {
  name: string;
  reason: string;
  severity: RuleSeverity;
  isEnabled: boolean;
  quantifier: Quantifier;
  /** Of `always` only the first counts, of `nobody` none. */
  subjects: SubjectDraft[];
  hosts: "all" | "tags" | "names";
  hostWords: string;
  accounts: "all" | "root" | "names";
  accountWords: string;
  addresses: AddressScope["kind"];
  networks: string;
  methods: MethodScope;
  session: "free" | "any";
}

export const emptyDraft: RuleDraft = {
  name: "",
  reason: "",
  severity: "block",
  isEnabled: true,
  quantifier: "nobody",
  subjects: [{ id: 0, kind: "person", value: "" }],
  hosts: "all",
  hostWords: "",
  accounts: "root",
  accountWords: "",
  addresses: "outside",
  networks: "10.0.0.0/8",
  methods: "any",
  session: "free",
};

/** The words of a list as a person types it. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

/**
 * The rule that a draft says.
 *
 * @param blank stands for what is not filled in yet: for a sentence "…"; without it lists stay empty, and are refused
 */
export function assertionOf(draft: RuleDraft, blank?: string): Assertion {
  const list = (text: string) => {
    const words = wordsOf(text);
    return words.length === 0 && blank !== undefined ? [blank] : words;
  };
  const subjects = draft.subjects.map((subject) => subjectOf(subject, blank));
  const hosts =
    draft.hosts === "all"
      ? { kind: draft.hosts }
      : draft.hosts === "tags"
        ? { kind: draft.hosts, tags: list(draft.hostWords) }
        : { kind: draft.hosts, patterns: list(draft.hostWords) };
  const accounts =
    draft.accounts === "names"
      ? { kind: draft.accounts, patterns: list(draft.accountWords) }
      : { kind: draft.accounts };
  const addresses =
    draft.addresses === "any"
      ? { kind: draft.addresses }
      : { kind: draft.addresses, networks: list(draft.networks) };
  const { quantifier, methods, session } = draft;
  switch (quantifier) {
    case "nobody":
      return { quantifier, hosts, accounts, addresses, methods };
    case "only":
      return { quantifier, subjects, hosts, accounts, addresses, methods };
    case "always": {
      const [subject = subjectOf({ id: 0, kind: "person", value: "" }, blank)] = subjects;
      const isAccount = subject.kind === "account";
      return {
        quantifier,
        subject,
        hosts,
        accounts: isAccount ? { kind: "all" } : accounts,
        addresses,
        session,
      };
    }
  }
}

function subjectOf({ kind, value }: SubjectDraft, blank = ""): Subject {
  const text = value.trim() === "" ? blank : value.trim();
  switch (kind) {
    case "person":
      return { kind, personId: text };
    case "key":
      return { kind, fingerprint: text };
    case "account":
      return { kind, name: text };
  }
}

/** The draft that says a rule, to edit it. */
export function draftOf(
  assertion: Assertion,
  rule: Pick<RuleDraft, "name" | "reason" | "severity" | "isEnabled">,
): RuleDraft {
  const { hosts, accounts, addresses } = assertion;
  const named =
    assertion.quantifier === "nobody"
      ? []
      : assertion.quantifier === "only"
        ? assertion.subjects
        : [assertion.subject];
  return {
    ...emptyDraft,
    ...rule,
    quantifier: assertion.quantifier,
    subjects:
      named.length > 0 ? named.map((subject, id) => ({ id, ...rowOf(subject) })) : emptyDraft.subjects,
    hosts: hosts.kind,
    hostWords: hosts.kind === "all" ? "" : (hosts.kind === "tags" ? hosts.tags : hosts.patterns).join(", "),
    accounts: accounts.kind,
    accountWords: accounts.kind === "names" ? accounts.patterns.join(", ") : "",
    addresses: addresses.kind,
    networks: addresses.kind === "any" ? "" : addresses.networks.join(", "),
    methods: assertion.quantifier === "always" ? "any" : assertion.methods,
    session: assertion.quantifier === "always" ? assertion.session : "free",
  };
}

function rowOf(subject: Subject): Omit<SubjectDraft, "id"> {
  switch (subject.kind) {
    case "person":
      return { kind: subject.kind, value: subject.personId };
    case "key":
      return { kind: subject.kind, value: subject.fingerprint };
    case "account":
      return { kind: subject.kind, value: subject.name };
  }
}
