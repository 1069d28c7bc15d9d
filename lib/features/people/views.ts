import type { Role } from "@/lib/policy/permissions";

export interface PersonRow {
  id: string;
  login: string;
  name: string;
  role: Role;
  passkeys: number;
  hasPassword: boolean;
  hasTotp: boolean;
  disabled: boolean;
  invited: boolean;
  lastSeenAt: string | null;
  createdAt: string;
}

export interface PeopleListView {
  rows: PersonRow[];
  canWrite: boolean;
}

export interface PasskeyView {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
  backedUp: boolean;
  aaguid: string;
  transports: string[];
}

export interface SessionView {
  id: string;
  method: string;
  address: string;
  userAgent: string;
  createdAt: string;
  seenAt: string;
  endsAt: string;
  current: boolean;
}

/** What a person sees of himself at /me. */
export interface MeView {
  id: string;
  login: string;
  name: string;
  role: Role;
  passkeys: PasskeyView[];
  hasPassword: boolean;
  totp: { confirmed: boolean; createdAt: string } | null;
  recoveryCodesLeft: number;
  sessions: SessionView[];
}

/** What every page's frame needs to know. */
export interface ViewerView {
  personId: string;
  name: string;
  login: string;
  role: Role;
  permissions: string[];
  pendingChanges: number;
  /** Open reviews of access in which ways wait for the viewer's decision. */
  pendingReviews: number;
  steppedUpUntil: string | null;
  hasPasskey: boolean;
}

export interface InvitationView {
  personId: string;
  /** Shown once. */
  url: string;
  expiresAt: string;
}

export interface TotpEnrolmentView {
  uri: string;
  /** Base32, in groups of four. */
  secret: string;
  /** SVG as a data URL. */
  qr: string;
}
