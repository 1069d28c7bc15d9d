/** A person whom a proved key or codes name. */
export interface Holder {
  readonly id: string;
  readonly name: string;
}

/** A key, or whatever stands for one, that gets into an account today. */
export interface KeyEvidence {
  /** null: a certificate of an authority, or a key that only a program on the host knows. */
  readonly fingerprint: string | null;
  readonly isSecurityKey: boolean;
  /** It is known to ask for PIN or fingerprint, so that it is two factors by itself. */
  readonly verifiesOwner: boolean;
  /** null: nobody has proved that it is his. */
  readonly holder: Holder | null;
  /** Its holder has left: nobody waits for him. */
  readonly hasLeft: boolean;
}

/** The codes of an account: wanted by us, or found in a state file of another making. */
export interface CodeEvidence {
  readonly kind: "totp" | "hotp" | null;
  /** null: the file was made on the host, so nobody here knows who has the app. */
  readonly holder: Holder | null;
  /** "removing": somebody has revoked them. */
  readonly standing: "on-host" | "on-the-way" | "removing";
  /** Why the module would refuse every code, one sentence; null: it would take a right one. */
  readonly broken: string | null;
  /** A right code was entered: at the enrolment, or in a login on the host. */
  readonly isProved: boolean;
  /** The last login by a code, as far as the host's records tell; null: none was seen. */
  readonly lastUsedAt: Date | null;
  readonly scratchCodes: number;
}

/** Somebody answers for it that the account need not be ready. */
export interface ReadinessException {
  readonly id: string;
  readonly reason: string;
  readonly byName: string;
  readonly until: Date;
}

/** What is known of an account into which somebody can log in. */
export interface AccountEvidence {
  readonly account: string;
  readonly uid: number;
  readonly keys: readonly KeyEvidence[];
  /** Some way in asks for no key. */
  readonly entersWithoutKey: boolean;
  /** False: sshd forbids the questions of PAM for it (root under PermitRootLogin prohibit-password), as far as is known. */
  readonly mayBeAsked: boolean;
  readonly codes: CodeEvidence | null;
  /** One that has not run out. */
  readonly exception: ReadinessException | null;
}

/** What is known of a host, Gatehouse's own account left out. */
export interface HostEvidence {
  /** Why what is known may not be all or may not be so any more, and why Gatehouse could not undo; see `HostGapCode`. */
  readonly gaps: readonly HostGap[];
  /** The host's clock minus ours; null: not known. */
  readonly clockOffsetSeconds: number | null;
  readonly accounts: readonly AccountEvidence[];
}

/** What no exception covers: without it nobody knows who would be shut out, or nobody could help. */
export type HostGapCode =
  | "not-managed"
  | "unreachable"
  | "access-not-read"
  | "access-stale"
  | "access-partial"
  | "access-left-out"
  | "codes-not-read"
  | "codes-stale"
  | "codes-partial"
  | "module-missing"
  | "no-way-back";

export interface HostGap {
  readonly code: HostGapCode;
  /** What, why and what to do, for people. */
  readonly text: string;
}
