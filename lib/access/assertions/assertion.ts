/**
 * What people say must hold about who can log in. A closed form, not a language: everything that it can say is here.
 *
 * `nobody`: no way like this may be open. `only`: every way like this must be one of theirs. `always`: such a way must
 * stay open.
 */
export type Assertion = NobodyAssertion | OnlyAssertion | AlwaysAssertion;

export interface NobodyAssertion extends WaysScope {
  readonly quantifier: "nobody";
}

export interface OnlyAssertion extends WaysScope {
  readonly quantifier: "only";
  /** At least one. */
  readonly subjects: readonly Subject[];
}

export interface AlwaysAssertion {
  readonly quantifier: "always";
  readonly subject: Subject;
  readonly hosts: HostScope;
  /** One of them is enough. For an account as the subject it is that account, and this is not looked at. */
  readonly accounts: AccountScope;
  /** "any": from at least one address; a list: from every address of it. */
  readonly addresses: AddressScope;
  /** "free": with a shell, and no command that sshd runs instead. "any": a login that ends in a forced command will do. */
  readonly session: "free" | "any";
}

/** The ways that a rule speaks of. */
export interface WaysScope {
  readonly hosts: HostScope;
  readonly accounts: AccountScope;
  readonly addresses: AddressScope;
  readonly methods: MethodScope;
}

export type HostScope =
  | { readonly kind: "all" }
  /** Hosts with at least one of the tags. */
  | { readonly kind: "tags"; readonly tags: readonly string[] }
  /** Names, with `*` and `?`; the case of letters does not count. */
  | { readonly kind: "names"; readonly patterns: readonly string[] };

export type AccountScope =
  | { readonly kind: "all" }
  /** Every account with the uid 0. */
  | { readonly kind: "root" }
  /** Names, with `*` and `?`, as sshd compares them: case counts. */
  | { readonly kind: "names"; readonly patterns: readonly string[] };

/** Networks as ADDRESS or ADDRESS/BITS, without host bits. */
export type AddressScope =
  | { readonly kind: "any" }
  | { readonly kind: "inside"; readonly networks: readonly string[] }
  | { readonly kind: "outside"; readonly networks: readonly string[] };

/**
 * any · password: one is asked for, alone or beside something else, or none is needed at all · typed-only: what is typed
 * is enough, no key takes part · single-factor: one thing is enough · no-security-key: no key of the way is a security
 * key · unowned-key: a key whose owner is not known · leaver-key: a key of somebody who has left.
 */
export const methodScopes = [
  "any",
  "password",
  "typed-only",
  "single-factor",
  "no-security-key",
  "unowned-key",
  "leaver-key",
] as const;
export type MethodScope = (typeof methodScopes)[number];

export type Subject =
  | { readonly kind: "person"; readonly personId: string }
  /** "SHA256:…" of a key, or of the authority that certifies keys. */
  | { readonly kind: "key"; readonly fingerprint: string }
  | { readonly kind: "account"; readonly name: string };
