import { fewScratchCodes } from "@/lib/google-authenticator/new-state-file";
import type { AccountEvidence, CodeEvidence, Holder, KeyEvidence } from "@/lib/two-factor/evidence";

/** A host's clock that is further off than this leaves no room for a slow typist. */
export const clockWarnSeconds = 15;
/** Beyond this codes by time are refused: the one before and the one after the present one count, no other. */
export const clockRefusesSeconds = 30;

export type AccountGapCode =
  | "no-key"
  | "no-second-factor"
  | "codes-on-the-way"
  | "codes-being-removed"
  | "codes-broken"
  | "codes-not-proved"
  | "no-scratch-codes"
  | "clock-off"
  | "others-codes"
  | "unknown-holder"
  | "security-key-unverified"
  | "never-asked";

/** What keeps an account from being ready. */
export interface AccountGap {
  readonly code: AccountGapCode;
  readonly text: string;
}

export type CautionCode = "few-scratch-codes" | "clock-near" | "never-used" | "enters-without-key";

/** What keeps nothing, and should be known. */
export interface Caution {
  readonly code: CautionCode;
  readonly text: string;
}

export const noKey: AccountGap = {
  code: "no-key",
  text: "No key gets in. A code counts only beside a key: place a key first.",
};
export const noFactor: AccountGap = {
  code: "no-second-factor",
  text: "There is neither an app for codes nor a security key. Whoever uses the account enrols one.",
};

/** Codes would not help: sshd never asks for them. Somebody answers for it, or the account has no way in any more. */
export const neverAsked: AccountGap = {
  code: "never-asked",
  text: "PermitRootLogin lets root in by key only, so sshd would never ask for the code, and refuse. Except it, so that it comes in by key alone; or let people use accounts of their own.",
};

export function findSecurityKeyGaps(keys: readonly KeyEvidence[]): AccountGap[] {
  if (keys.every(({ verifiesOwner }) => verifiesOwner)) return [];
  return [
    {
      code: "security-key-unverified",
      text: "A security key gets in that is not known to ask for PIN or fingerprint: by itself it is one factor. Make it with verify-required, or enrol codes.",
    },
  ];
}

export function findCodeGaps(codes: CodeEvidence, offsetSeconds: number | null): AccountGap[] {
  if (codes.standing === "removing")
    return [{ code: "codes-being-removed", text: "The codes were revoked. Enrol anew." }];
  if (codes.standing === "on-the-way")
    return [
      {
        code: "codes-on-the-way",
        text: "The host has not said yet that it has the secret. Wait for it, or see why it was refused.",
      },
    ];
  if (codes.broken !== null) return [{ code: "codes-broken", text: codes.broken }];
  const gaps: AccountGap[] = [];
  if (!codes.isProved)
    gaps.push({
      code: "codes-not-proved",
      text: "The state file was made on the host, and no login by a code was seen: perhaps nobody has its app any more. Log in once by a code while they are optional, or enrol anew.",
    });
  if (codes.scratchCodes === 0)
    gaps.push({
      code: "no-scratch-codes",
      text: "No scratch codes are left for the day that the phone is lost. Make new ones.",
    });
  if (codes.kind === "totp" && isOff(offsetSeconds, clockRefusesSeconds))
    gaps.push({
      code: "clock-off",
      text: `The host's clock is more than ${clockRefusesSeconds} s off, so codes by time are refused. Set its clock.`,
    });
  return gaps;
}

const isOff = (offsetSeconds: number | null, bound: number) =>
  offsetSeconds !== null && Math.round(Math.abs(offsetSeconds)) > bound;

/** An account has one state file, so one person has its codes: who else gets in by a key of his own would be shut out. */
export function findHolderGaps({ holder }: CodeEvidence, keys: readonly KeyEvidence[]): AccountGap[] {
  const gaps: AccountGap[] = [];
  const people = distinctHolders(keys);
  const unknown = keys.filter((key) => key.holder === null).length;
  // Whose the codes are of a file that was made on the host is not known: with one key they are its holder's.
  const others = holder ? people.filter(({ id }) => id !== holder.id) : people.slice(1);
  if (others.length > 0)
    gaps.push({
      code: "others-codes",
      text: `${others.map(({ name }) => name).join(", ")} would have no code: the account has one secret${holder ? `, and it is ${holder.name}'s` : ""}. Give each person an account of his own.`,
    });
  if (unknown > (holder || people.length > 0 ? 0 : 1))
    gaps.push({
      code: "unknown-holder",
      text: `${unknown === 1 ? "A key gets in that nobody has proved to be his" : `${unknown} keys get in that nobody has proved to be his`}: whoever holds it may have no code. Find out under Access, Keys.`,
    });
  return gaps;
}

export function distinctHolders(keys: readonly KeyEvidence[]): Holder[] {
  const byId = new Map(keys.flatMap(({ holder }) => (holder ? [[holder.id, holder] as const] : [])));
  return [...byId.values()].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

export function findCautions(
  { codes, entersWithoutKey }: AccountEvidence,
  offsetSeconds: number | null,
): Caution[] {
  const cautions: Caution[] = [];
  if (codes && codes.scratchCodes > 0 && codes.scratchCodes <= fewScratchCodes)
    cautions.push({
      code: "few-scratch-codes",
      text: `${codes.scratchCodes} scratch ${codes.scratchCodes === 1 ? "code is" : "codes are"} left.`,
    });
  if (
    codes?.kind === "totp" &&
    isOff(offsetSeconds, clockWarnSeconds - 1) &&
    !isOff(offsetSeconds, clockRefusesSeconds)
  )
    cautions.push({
      code: "clock-near",
      text: `The host's clock is off: beyond ${clockRefusesSeconds} s codes by time are refused.`,
    });
  // A counter tells nothing of logins: wrong codes move it, too.
  if (codes?.isProved && codes.kind === "totp" && codes.lastUsedAt === null)
    cautions.push({
      code: "never-used",
      text: "The code was right at the enrolment; no login by one was seen on the host yet.",
    });
  if (entersWithoutKey)
    cautions.push({
      code: "enters-without-key",
      text: "There is a way in without a key today. With a second factor required it ends.",
    });
  return cautions;
}
