import type { TotpEnrolmentView } from "@/lib/features/people/views";

/** A secret to be taken into an app, this once, and for what. */
export interface CodeEnrolmentView extends TotpEnrolmentView {
  kind: "totp" | "hotp";
}

/** Shown once, after the first code was right. */
export interface ScratchCodesView {
  scratchCodes: string[];
}

/** Something about a state file that keeps codes from working, or soon will, and what mends it. */
export interface CodeProblemView {
  text: string;
  /** "mend": modes; "write": our secret anew; "scratch": new scratch codes; "enrol": begin anew; null: at the host. */
  remedy: "mend" | "write" | "scratch" | "enrol" | null;
  isBroken: boolean;
}

/** A person's codes on one account of one host: wanted, and as the host last said. */
export interface PlacedCodeView {
  id: string;
  kind: "totp" | "hotp";
  hostId: string;
  hostName: string;
  account: string;
  personId: string;
  personName: string;
  /** Other hosts with the same secret. */
  sharedWith: string[];
  act: "write" | "scratch" | "resync" | "mend" | "remove";
  state: "waiting" | "done" | "failed";
  failure: string | null;
  /** When the host said that it has the secret; null: it has not. */
  writtenAt: string | null;
  createdAt: string;
  /** By the last reading; null: not read since. */
  scratchCodes: number | null;
  counter: number | null;
  problems: CodeProblemView[];
  /** The host's clock minus ours; null: not read, or of no matter. */
  clockOffsetSeconds: number | null;
  /** Logins there ask for codes; null: not read yet. */
  isAsked: boolean | null;
  /** They let those through who have none. */
  isOptional: boolean;
  readAt: string | null;
}

/** An account that one may log in to. */
export interface CodePlaceView {
  hostId: string;
  hostName: string;
  account: string;
}

/** Codes that somebody else took from a person: he is told. */
export interface RevokedCodeView {
  id: string;
  hostName: string;
  account: string;
  byName: string;
  at: string;
}

/** A person's codes as others see them. */
export interface PersonCodesView {
  personId: string;
  name: string;
  codes: PlacedCodeView[];
  canRevoke: boolean;
}

export interface MyHostCodesView {
  personId: string;
  codes: PlacedCodeView[];
  /** Of the last weeks, as long as nothing took their place. */
  revoked: RevokedCodeView[];
  /** Accounts of one's own without codes. */
  places: CodePlaceView[];
}

/** A state file that we did not write. */
export interface ForeignCodeView {
  account: string;
  path: string;
  kind: "totp" | "hotp" | null;
  scratchCodes: number;
  problems: CodeProblemView[];
}

export interface HostCodesView {
  hostId: string;
  hostName: string;
  /** Null: never read. */
  readAt: string | null;
  failure: string | null;
  place: {
    pattern: string;
    readAs: "root" | "account";
    isInForce: boolean;
    isOptional: boolean;
    reason: string;
    moduleVersion: string;
    hasModule: boolean;
    isCut: boolean;
  } | null;
  clockOffsetSeconds: number | null;
  codes: PlacedCodeView[];
  foreign: ForeignCodeView[];
  accounts: string[];
  people: { id: string; name: string }[];
  obstacle: string | null;
  canWrite: boolean;
  canInstall: boolean;
}
