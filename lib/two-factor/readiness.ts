import {
  type AccountGap,
  type Caution,
  distinctHolders,
  findCautions,
  findCodeGaps,
  findHolderGaps,
  findSecurityKeyGaps,
  neverAsked,
  noFactor,
  noKey,
} from "@/lib/two-factor/account-gaps";
import type {
  AccountEvidence,
  Holder,
  HostEvidence,
  HostGap,
  ReadinessException,
} from "@/lib/two-factor/evidence";

export interface AccountReadiness {
  readonly account: string;
  readonly uid: number;
  /** Persons whose proved keys get in, and whose codes they are; by name. */
  readonly people: readonly Holder[];
  readonly hasKey: boolean;
  /** What the account would show beside its key. */
  readonly factor: "totp" | "hotp" | "security-key" | null;
  /** null: there are no codes. */
  readonly isProved: boolean | null;
  readonly lastUsedAt: Date | null;
  readonly scratchCodes: number | null;
  readonly gaps: readonly AccountGap[];
  readonly cautions: readonly Caution[];
  readonly exception: ReadinessException | null;
  /** "excepted": not ready, and somebody answers for it. */
  readonly state: "ready" | "excepted" | "missing";
}

/** Whether a host may demand a second factor, and what is missing. */
export interface HostReadiness {
  readonly gaps: readonly HostGap[];
  /** The ones that are missing something first, then by name. */
  readonly accounts: readonly AccountReadiness[];
  readonly ready: number;
  readonly excepted: number;
  readonly missing: number;
}

/**
 * The gate of "require a second factor": every account that somebody logs in to is ready, or somebody answers for it,
 * and nothing about the host itself is in doubt.
 *
 * It says that everybody *has* what would be asked; whether the drafted configuration asks for just that is the
 * question of `findTwoFactorProblems`.
 */
export function mayRequire({ gaps, missing }: HostReadiness): boolean {
  return gaps.length === 0 && missing === 0;
}

/** Accounts that somebody answers for: who requires a second factor must let them in by key alone, or shuts them out. */
export function exceptedAccounts({ accounts }: HostReadiness): string[] {
  return accounts.filter(({ state }) => state === "excepted").map(({ account }) => account);
}

/** What is known of a host, judged. Total; takes no clock: what runs out was left out by the caller. */
export function judgeReadiness({ gaps, clockOffsetSeconds, accounts }: HostEvidence): HostReadiness {
  const judged = accounts.map((account) => judgeAccount(account, clockOffsetSeconds)).sort(inOrder);
  const count = (state: AccountReadiness["state"]) => judged.filter((one) => one.state === state).length;
  return {
    gaps,
    accounts: judged,
    ready: count("ready"),
    excepted: count("excepted"),
    missing: count("missing"),
  };
}

const orderOf = { missing: 0, excepted: 1, ready: 2 } as const;

function inOrder(a: AccountReadiness, b: AccountReadiness): number {
  if (a.state !== b.state) return orderOf[a.state] - orderOf[b.state];
  return a.account < b.account ? -1 : Number(a.account > b.account);
}

function judgeAccount(evidence: AccountEvidence, clockOffsetSeconds: number | null): AccountReadiness {
  const { account, uid, keys, codes, exception } = evidence;
  const waited = keys.filter(({ hasLeft }) => !hasLeft);
  const byKey = codes === null && waited.length > 0 && waited.every(({ isSecurityKey }) => isSecurityKey);
  const factorGaps = byKey
    ? findSecurityKeyGaps(waited)
    : !evidence.mayBeAsked
      ? [neverAsked]
      : codes === null
        ? [noFactor]
        : [...findCodeGaps(codes, clockOffsetSeconds), ...findHolderGaps(codes, waited)];
  const gaps = [...(keys.length === 0 ? [noKey] : []), ...factorGaps];
  const isReady = gaps.length === 0;
  return {
    account,
    uid,
    people: peopleOf(evidence),
    hasKey: keys.length > 0,
    factor: byKey ? "security-key" : (codes?.kind ?? null),
    isProved: codes?.isProved ?? null,
    lastUsedAt: codes?.lastUsedAt ?? null,
    scratchCodes: codes?.scratchCodes ?? null,
    gaps,
    cautions: findCautions(evidence, clockOffsetSeconds),
    exception,
    state: isReady ? "ready" : exception ? "excepted" : "missing",
  };
}

function peopleOf({ keys, codes }: AccountEvidence): Holder[] {
  const holders = distinctHolders(keys.filter(({ hasLeft }) => !hasLeft));
  const own = codes?.holder;
  return !own || holders.some(({ id }) => id === own.id) ? holders : [...holders, own];
}
