import { HostCodes } from "@/lib/agent/read-codes";
import { managementAccount } from "@/lib/change/marker";
import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import {
  beginAct,
  forgetUnplaced,
  newActId,
  refuseRevoked,
  targetOfPlacement,
} from "@/lib/features/host-codes/acts";
import { othersWithKeys, placesOf } from "@/lib/features/host-codes/places";
import {
  BeginCodeInput,
  BeginMyCodeInput,
  ConfirmCodeInput,
  PendingCode,
} from "@/lib/features/host-codes/schema";
import {
  codeUri,
  makeCodeSecret,
  makeScratchCodes,
  provePosition,
  sealCodeSecret,
  sealScratchCodes,
  stateFileText,
} from "@/lib/features/host-codes/secret";
import type { CodeEnrolmentView, ScratchCodesView } from "@/lib/features/host-codes/views";
import { obstacleOf } from "@/lib/features/hosts/host-target";
import { openState, sealState } from "@/lib/features/people/sealed-state";
import { showSecret } from "@/lib/features/people/totp-factor";
import { lockPerson } from "@/lib/features/people/ways-in";
import { Prisma } from "@/lib/generated/prisma/client";
import { can } from "@/lib/policy/permissions";
import { type Actor, command } from "@/lib/usecase";
import { findChallenge, issueChallenge, takeChallenge } from "@/lib/webauthn/challenge";

/** Time to install an app and scan the picture. */
const enrolSeconds = 900;
const purpose = "add-host-code";

type Place = PendingCode["places"][number];

/** Begins codes for one's own account on a host, or one secret for several. What was there stays until a code proves it. */
export const beginMyCode = command({
  name: "host-code.begin",
  permission: "signed-in",
  stepUp: true,
  recorded: false,
  input: BeginMyCodeInput,
  async prepare({ places, kind, replaces, confirmAccount }, { db, actor, now }) {
    await refuseOthersPlaces(db, actor.personId, places, now);
    const isForOthers =
      can(actor.role, "host-codes:write") && places.every(({ account }) => account === confirmAccount);
    return begin(db, actor, now, { personId: actor.personId, kind, places, replaces, isForOthers });
  },
  run: async (_, { prepared }) => prepared,
});

/** Begins codes for somebody: he sits beside, scans the picture, and says the code that his app shows. */
export const beginCodeFor = command({
  name: "host-code.begin-for",
  permission: "host-codes:write",
  stepUp: true,
  recorded: false,
  input: BeginCodeInput,
  async prepare({ personId, hostId, account, kind, replaces, confirmAccount }, { db, actor, now }) {
    const person = await db.person.findUnique({ where: { id: personId } });
    if (!person || person.disabledAt) throw new AppError("not_found", "There is no such person.");
    const isForOthers = account === confirmAccount;
    return begin(db, actor, now, { personId, kind, places: [{ hostId, account }], replaces, isForOthers });
  },
  run: async (_, { prepared }) => prepared,
});

/** The code that proves the secret: from now on it counts, and the worker brings it to the hosts. */
export const confirmCode = command({
  name: "host-code.enrol",
  permission: "signed-in",
  stepUp: true,
  ends: "later",
  input: ConfirmCodeInput,
  async prepare({ code }, { db, actor, now }) {
    const waiting = { purpose, boundTo: actor.sessionId } as const;
    const pending = openState(PendingCode, await findChallenge(db, waiting, now));
    // Rights may have gone since it was begun.
    if (pending.personId === actor.personId) {
      if (!can(actor.role, "host-codes:write"))
        await refuseOthersPlaces(db, actor.personId, pending.places, now);
    } else if (!can(actor.role, "host-codes:write"))
      throw new AppError("forbidden", "Your role does not allow this any more. Ask an admin of Gatehouse.");
    const position = provePosition(pending.secret, pending.kind, code, now);
    await takeChallenge(db, waiting, now);
    return { pending, position };
  },
  async run(_, { db, actor, now, prepared: { pending, position }, record }): Promise<ScratchCodesView> {
    const { personId, kind, secret, places, replaces } = pending;
    const mayShare = can(actor.role, "host-codes:write");
    const isForOthers = pending.isForOthers && mayShare;
    // Locked: who leaves in this moment has left before, or loses these codes, too.
    const person = await lockPerson(db, personId);
    if (person.disabledAt) throw new AppError("conflict", `${person.name} is disabled. Enable them first.`);
    const scratchCodes = makeScratchCodes();
    const codeId = crypto.randomUUID();
    await db.hostCode.create({
      data: {
        id: codeId,
        personId,
        kind,
        secretSealed: sealCodeSecret(codeId, secret),
        scratchSealed: sealScratchCodes(codeId, scratchCodes),
        position,
        createdById: actor.personId,
        createdAt: now,
      },
    });
    const names: string[] = [];
    for (const place of places) {
      const host = await openPlace(db, place, { personId, replaces, isForOthers, mayShare, now });
      const isAnew = await endPlaced(db, place, now);
      const actId = newActId();
      const placement = await db.hostCodePlacement.create({
        data: {
          codeId,
          hostId: place.hostId,
          account: place.account,
          act: "write",
          actId,
          state: "waiting",
          createdAt: now,
        },
      });
      const text = stateFileText({ secret, kind, position }, scratchCodes, actId);
      await beginAct(db, { ...placement, code: { personId } }, "write", {
        actId,
        content: { text },
        replaces: replaces || isAnew,
      });
      names.push(`${place.account} on ${host.name}`);
      if (names.length === 1) record({ target: targetOfPlacement({ ...placement, host }) });
    }
    record({
      detail: { person: person.name, kind, places: names, isShared: places.length > 1, isForOthers },
    });
    return { scratchCodes };
  },
});

/** Another secret takes the place of the one that is there: that one is forgotten with its last host. */
async function endPlaced(db: Transaction, { hostId, account }: Place, now: Date): Promise<boolean> {
  const placed = await db.hostCodePlacement.findFirst({ where: { hostId, account, endedAt: null } });
  if (!placed) return false;
  await db.hostCodePlacement.update({
    where: { id: placed.id },
    data: { endedAt: now, boxes: Prisma.DbNull },
  });
  await forgetUnplaced(db, placed.codeId);
  return true;
}

async function begin(
  db: Db,
  actor: Actor,
  now: Date,
  pending: Omit<PendingCode, "secret">,
): Promise<CodeEnrolmentView> {
  const hosts = [];
  const mayShare = can(actor.role, "host-codes:write");
  for (const place of pending.places) hosts.push(await openPlace(db, place, { ...pending, mayShare, now }));
  const secret = makeCodeSecret();
  await issueChallenge(db, {
    purpose,
    boundTo: actor.sessionId,
    personId: actor.personId,
    lifeSeconds: enrolSeconds,
    sealState: sealState({ ...pending, secret }),
    now,
  });
  const [first] = hosts;
  const names = new Set(pending.places.map(({ account }) => account));
  const name = {
    issuer: hosts.length === 1 && first ? first.name : `${hosts.length} hosts`,
    login: [...names].join(", "),
  };
  return { kind: pending.kind, ...(await showSecret(secret, codeUri(secret, pending.kind, name))) };
}

/** @throws AppError when the account is not one that the person may log in to */
async function refuseOthersPlaces(
  db: Db,
  personId: string,
  places: readonly Place[],
  now: Date,
): Promise<void> {
  const own = await placesOf(db, personId, now);
  const isOwn = ({ hostId, account }: Place) =>
    own.some((place) => place.hostId === hostId && place.account === account);
  if (!places.every(isOwn))
    throw new AppError(
      "not_found",
      "You are not known to log in to this account: no grant names you, and none of your proved keys gets in there.",
    );
}

interface Opening extends Pick<PendingCode, "personId" | "replaces" | "isForOthers"> {
  /** Whoever asks may say that others are to be asked for these codes, too. */
  readonly mayShare: boolean;
  readonly now: Date;
}

/**
 * The host of a place where codes may be put.
 *
 * @throws AppError `not_found`; `invalid` for our own account; `conflict` when nothing may be sent to the host, when the
 *   account has somebody else's codes, is used by others by keys of their own, has codes that are still being taken off, or a state file of another making that may
 *   not be replaced
 */
async function openPlace(
  db: Db | Transaction,
  { hostId, account }: Place,
  { personId, replaces, isForOthers, mayShare, now }: Opening,
): Promise<{ id: string; name: string }> {
  const host = await db.host.findUnique({ where: { id: hostId }, include: { codeReading: true } });
  if (!host) throw new AppError("not_found", "There is no such host.");
  if (account === managementAccount)
    throw new AppError(
      "invalid",
      `${managementAccount} is the account of Gatehouse itself. It logs in by its key alone.`,
    );
  const obstacle = obstacleOf(host);
  if (obstacle) throw new AppError("conflict", obstacle);
  const placed = await db.hostCodePlacement.findFirst({
    where: { hostId, account, endedAt: null },
    include: { code: { select: { personId: true } } },
  });
  if (placed && placed.code.personId !== personId)
    throw new AppError(
      "conflict",
      `${account} on ${host.name} has somebody else's codes already, and an account has one secret. An admin can revoke them first.`,
    );
  if (placed) refuseRevoked(placed, host.name);
  const codes = HostCodes.safeParse(host.codeReading?.codes).data;
  if (codes?.reason) throw new AppError("conflict", codes.reason);
  if (!placed && !replaces && codes?.files.some((file) => file.account === account))
    throw new AppError(
      "conflict",
      `${account} on ${host.name} has a state file already that was not made here. Say that it may be replaced: its codes stop working.`,
    );
  const others = isForOthers ? [] : await othersWithKeys(db, personId, { hostId, account }, now);
  if (others.length > 0)
    throw new AppError(
      "conflict",
      `Others get in as ${account} on ${host.name}, too: ${wordsOf(others)}. An account has one secret: as soon as logins ask for it they need its codes, or are shut out. ${
        mayShare
          ? "Let the account in by key alone on the host's page Two-factor, or type its name to go on all the same."
          : "If one of these keys is yours, prove it under Keys. Otherwise an admin can help: with accounts of their own, or an exception."
      }`,
      mayShare ? { fields: { confirmAccount: `Type ${account}.` } } : {},
    );
  return host;
}

function wordsOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
