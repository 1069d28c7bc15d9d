import { createHash, randomInt } from "node:crypto";
import type { z } from "zod";
import type { ChangeState } from "@/lib/change/machine";
import { addMarker, stripMarker } from "@/lib/change/marker";
import { timing } from "@/lib/change/timing";
import { AppError } from "@/lib/errors";
import { refuseGone } from "@/lib/features/changes/gone-keys";
import { refuseUngranted } from "@/lib/features/changes/granted";
import {
  judgeAgain,
  refuseOldPlan,
  refuseUntoldLoss,
  takesAwayUnseen,
} from "@/lib/features/changes/judge-again";
import { KeyEdits } from "@/lib/features/changes/key-edits";
import { moveTo } from "@/lib/features/changes/progress";
import {
  type ChangeWithHost,
  checkOverride,
  checkShutOut,
  keywordsOf,
  refuseStaleBase,
  refuseWhilePending,
  requireChange,
  requirePlan,
  tooLate,
  whyPerson,
} from "@/lib/features/changes/refusals";
import { refuseBrokenRules } from "@/lib/features/changes/rules-of-plan";
import {
  ApplyChangeInput,
  ChangeId,
  PlanChangeInput,
  RestoreVersionInput,
} from "@/lib/features/changes/schema";
import {
  refuseOpenDoor,
  refuseTwoFactor,
  refuseUnlessEnforcer,
  refuseUnseen,
} from "@/lib/features/changes/two-factor-refusals";
import { requireEditable, storable } from "@/lib/features/config/commands";
import { enqueue } from "@/lib/jobs/enqueue";
import { can } from "@/lib/policy/permissions";
import { type CommandContext, command } from "@/lib/usecase";

/** Makes a change out of a text. The worker asks the host what it would do; nothing on the host is touched. */
export const planChange = command({
  name: "change.plan",
  permission: "config:draft",
  input: PlanChangeInput,
  async run(input, context) {
    return createConfigChange(context, input);
  },
});

/** Makes a change that brings back an earlier content of a file. */
export const restoreVersion = command({
  name: "change.restore",
  permission: "config:draft",
  input: RestoreVersionInput,
  async run({ versionId, message }, context) {
    const version = await context.db.configVersion.findUnique({
      where: { id: versionId },
      include: { file: true },
    });
    if (!version) throw new AppError("not_found", "There is no such version.");
    if (sha256(version.content) !== version.sha256)
      throw new AppError(
        "invalid",
        "This version is not UTF-8 text: brought back from here, it would not be what it was.",
      );
    return createConfigChange(context, {
      fileId: version.fileId,
      baseSha256: version.file.sha256,
      content: stripMarker(version.content),
      message: message || `Restore version ${version.number}`,
    });
  },
});

/** A file's new text, by the one that it was made from. */
export interface NewChange {
  fileId: string;
  baseSha256: string;
  content: string;
  message: string;
}

/** Stores a change of a file of the configuration, and has the worker plan it. @throws AppError that says what stands in the way */
export async function createConfigChange(
  { db, actor, record }: CommandContext,
  { fileId, baseSha256, content: text, message }: NewChange,
): Promise<{ changeId: string }> {
  const file = await requireEditable(db, fileId);
  record({ target: { type: "file", id: file.id, name: `${file.host.name} ${file.path}` } });
  if (file.host.state !== "managed")
    throw new AppError("unavailable", `${file.host.name} is not managed now; see its page for the reason.`);
  await refuseWhilePending(db, file.hostId);
  if (file.sha256 !== baseSha256)
    throw new AppError(
      "conflict",
      `${file.path} on ${file.host.name} is no longer the file that you began with: somebody changed it. Your draft is kept. Compare it with the file as it is now, and begin from there.`,
    );
  const newest = await db.configVersion.findFirst({ where: { fileId }, orderBy: { number: "desc" } });
  const base = stripMarker(newest?.content ?? "");
  const content = storable(stripMarker(text));
  if (content === base)
    throw new AppError(
      "invalid",
      `Nothing would change: this is what ${file.path} on ${file.host.name} says already.`,
    );
  const hostRef = randomHostRef();
  const marked = addMarker(content, hostRef);
  if (Buffer.byteLength(marked) > mostBytes)
    throw new AppError(
      "too_large",
      "A configuration file may have at most 128 KiB, our proof block included.",
    );
  const change = await db.change.create({
    data: {
      hostRef,
      hostId: file.hostId,
      path: file.path,
      fileSha256Id: sha256(file.path),
      baseSha256,
      baseContent: base,
      content,
      newSha256: sha256(marked),
      state: "planning" satisfies ChangeState,
      authorId: actor.personId,
      message,
      keepBy: "login",
      deadlineSeconds: timing.defaultDeadlineSeconds,
    },
  });
  await enqueue(db, "change.plan", { changeId: change.id });
  record({ detail: { changeId: change.id, message } });
  return { changeId: change.id };
}

/** Asks the host again what a planned change would do. */
export const replanChange = command({
  name: "change.replan",
  permission: "config:draft",
  input: ChangeId,
  recorded: false,
  async run({ changeId }, { db }) {
    const change = await requireChange(db, changeId);
    if (change.state === "planning") {
      await enqueue(db, "change.plan", { changeId });
      return { changeId };
    }
    if (change.state !== "planned") throw tooLate(change);
    await ensureMoved(moveTo(db, change, "planning", { kind: "planning", text: "The host is asked again." }));
    await enqueue(db, "change.plan", { changeId });
    return { changeId };
  },
});

/** Throws a planned change away. It stays on record. */
export const discardChange = command({
  name: "change.discard",
  permission: "config:draft",
  input: ChangeId,
  async run({ changeId }, { db, actor, record }) {
    const change = await requireChange(db, changeId);
    record({ target: targetOf(change) });
    if (change.state !== "planned" && change.state !== "planning") throw tooLate(change);
    if (change.authorId !== actor.personId && !can(actor.role, "config:apply"))
      throw new AppError("forbidden", "Only its author may discard this change.");
    await ensureMoved(
      moveTo(db, change, "discarded", { kind: "discarded", text: `${actor.name} discarded it.` }),
    );
    return {};
  },
});

/**
 * Lets the worker apply a planned change. The host undoes it by itself unless it is kept in time.
 *
 * One change a host: of two people at once one wins, the other is told who did.
 */
export const applyChange = command({
  name: "change.apply",
  permission: "config:apply",
  stepUp: true,
  ends: "later",
  input: ApplyChangeInput,
  run: applyPlanned,
});

/**
 * Lets the worker apply a planned change, in somebody's name: every check that stands before a host is touched.
 *
 * @param input parsed
 * @throws AppError that says what stands in the way
 */
export async function applyPlanned(
  input: z.output<typeof ApplyChangeInput>,
  { db, actor, now, record }: Applying,
): Promise<{ changeId: string }> {
  const found = await requireChange(db, input.changeId);
  record({
    target: targetOf(found),
    detail: { path: found.path, keepBy: input.keepBy, message: found.message },
  });
  // Appliers to one host wait for one another here, so that the second can be told who the first was.
  await db.$queryRaw`select id from "Host" where id = ${found.hostId}::uuid for update`;
  const change = await requireChange(db, input.changeId);
  if (change.state !== "planned") throw tooLate(change);
  await refuseWhilePending(db, change.hostId);
  const plan = requirePlan(change);
  await refuseOldPlan(db, change, plan);
  await refuseUnlessEnforcer(db, change, actor.role);
  refuseTwoFactor(change, plan, now);
  await refuseOpenDoor(db, change);
  // The host itself compares a key file with what the plan was made from: no copy of it is kept here.
  if (change.kind === "config") await refuseStaleBase(db, change);
  if (change.host.state !== "managed")
    throw new AppError("unavailable", `${change.host.name} is not managed now; see its page for the reason.`);
  if (plan.needsExecutePermission && !can(actor.role, "config:apply-execute"))
    throw new AppError(
      "forbidden",
      `This change touches what runs code (${keywordsOf(plan, "execute")}). Ask an owner or admin to apply it.`,
    );
  const access = await judgeAgain(db, change, now);
  refuseUntoldLoss(change, plan, access);
  const needsPerson = plan.needsPerson || (access !== undefined && takesAwayUnseen(change, access));
  if (needsPerson && input.keepBy === "login")
    throw new AppError(
      "invalid",
      `${whyPerson(change, plan)} A fresh login of ours does not prove that people still get in: choose that a person keeps it, and try your own login.`,
      { fields: { keepBy: "A person has to keep this change." } },
    );
  // A grant may have ended since the plan was made, or an admin may have planned what he did not grant.
  if (change.kind === "keys") {
    await refuseUngranted(db, change.hostId, change, actor.role, now);
    // Whoever may grant, too: the key may have been taken out, or its person may have left, since the plan was made.
    await refuseGone(db, KeyEdits.parse(change.keyEdits));
  }
  await refuseBrokenRules(db, change, now);
  const overridden = checkOverride(change, plan, actor.role, input.override);
  const shutOut = checkShutOut(change, plan, input.override);
  record({ detail: { override: overridden, ...(shutOut !== undefined && { shutOut }) } });
  const deadlineSeconds =
    input.deadlineSeconds ??
    (input.keepBy === "person" ? timing.personDeadlineSeconds : timing.defaultDeadlineSeconds);
  await ensureMoved(
    moveTo(
      db,
      change,
      "applying",
      {
        kind: "applying",
        text: `${actor.name} applied it${overridden ? ", although the host said that Gatehouse would be shut out" : ""}${shutOut === undefined ? "" : `${overridden ? "," : ""} and confirmed that nobody can log in any more as ${shutOut}`}.`,
      },
      { keepBy: input.keepBy, deadlineSeconds, overridePrecheck: overridden },
    ),
  );
  await enqueue(db, "change.drive", { changeId: change.id }, { jobKey: driveKey(change.id) });
  return { changeId: change.id };
}

/** Who applies a change, and where it is written down. */
interface Applying extends Pick<CommandContext, "db" | "now" | "record"> {
  readonly actor: Pick<CommandContext["actor"], "personId" | "name" | "role">;
}

/** Keeps a change that was proved by a fresh login and waits for a person. The worker proves it once more. */
export const keepChange = command({
  name: "change.keep",
  permission: "config:apply",
  input: ChangeId,
  async run(input, context) {
    await keepProved(input, context);
    return {};
  },
});

/**
 * Keeps a change that waits for a person, in somebody's name.
 *
 * @throws AppError that says what stands in the way
 */
export async function keepProved(
  { changeId }: z.output<typeof ChangeId>,
  { db, actor, record }: Omit<Applying, "now">,
): Promise<void> {
  const change = await requireChange(db, changeId);
  record({ target: targetOf(change) });
  if (change.state !== "awaiting_person") throw tooLate(change);
  await refuseUnlessEnforcer(db, change, actor.role);
  refuseUnseen(change);
  await ensureMoved(
    moveTo(db, change, "confirming", { kind: "confirming", text: `${actor.name} keeps it.` }),
  );
  await enqueue(db, "change.drive", { changeId }, { jobKey: driveKey(changeId) });
}

/** Rolls back a change that is applied and not yet kept. */
export const rollBackChange = command({
  name: "change.roll-back",
  permission: "config:apply",
  input: ChangeId,
  async run({ changeId }, { db, actor, record }) {
    const change = await requireChange(db, changeId);
    record({ target: targetOf(change) });
    if (change.state !== "awaiting_person" && change.state !== "proving") throw tooLate(change);
    await ensureMoved(
      moveTo(db, change, "rolling_back", { kind: "rolling_back", text: `${actor.name} rolls it back.` }),
    );
    await enqueue(db, "change.drive", { changeId }, { jobKey: driveKey(changeId) });
    return {};
  },
});

/** One waiting wake-up a change: asking twice is asking once. */
export function driveKey(changeId: string): string {
  return `change.drive:${changeId}`;
}

/** What the agent takes (FILE_MAX_BYTES of agent.sh). */
const mostBytes = 131_072;

/** The compare-and-set of a person's act: somebody else was quicker. */
async function ensureMoved(moved: Promise<boolean>): Promise<void> {
  if (!(await moved))
    throw new AppError("conflict", "This change has just moved on. Look at its page again.");
}

function targetOf(change: ChangeWithHost) {
  return { type: "change", id: change.id, name: `${change.host.name} ${change.path}` } as const;
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The change's id on the host: 20 characters of a-z and 0-9, 103 bits. */
export function randomHostRef(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
