import type { Agent } from "@/lib/agent/client";
import { AgentError } from "@/lib/agent/errors";
import { now as clockNow } from "@/lib/clock";
import { appendResult } from "@/lib/db/activity";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { type CodeAct, forgetUnplaced, targetOfPlacement, tellOf } from "@/lib/features/host-codes/acts";
import { BoxContent, boxContext } from "@/lib/features/host-codes/boxes";
import { type CodesReading, readFrom, recordCodes } from "@/lib/features/host-codes/read";
import { withManagedHost } from "@/lib/features/hosts/reach";
import { Prisma } from "@/lib/generated/prisma/client";
import type { JobContext } from "@/lib/jobs/handlers";
import { findLiveWorkers } from "@/lib/jobs/liveness";
import { SshError } from "@/lib/ssh/errors";

/** The activity's name of each act. */
const actions: Readonly<Record<CodeAct, string>> = {
  write: "host-code.enrol",
  scratch: "host-code.scratch-codes",
  resync: "host-code.resync",
  mend: "host-code.mend",
  remove: "host-code.revoke",
};

type Driven = NonNullable<Awaited<ReturnType<typeof find>>>;

/**
 * Brings what is wanted of somebody's codes to the host, and writes down what the host said.
 *
 * Each act bears being done twice: the host knows it by its id, and by the secret that is there already.
 */
export async function driveCode(placementId: string, context: JobContext): Promise<void> {
  const placement = await find(placementId);
  if (!placement) return;
  try {
    const content = await openContent(placement, context);
    const reading = await withManagedHost(
      placement.hostId,
      async (agent) => {
        await perform(agent, placement, content);
        return readFrom(agent);
      },
      { signal: context.signal },
    );
    await finish(placement, { failure: null, reading, counter: content.counter });
  } catch (error) {
    const isExpected = error instanceof SshError || error instanceof AgentError || error instanceof AppError;
    if (context.signal.aborted || (!isExpected && !context.isLastAttempt)) throw error;
    const code = error instanceof AgentError ? error.code : undefined;
    // A change of somebody's may be open on the host for ten minutes; it is waited for longer than an absent host.
    const isHindered = code === "pending";
    const passes = isHindered || error instanceof SshError || code === "busy";
    const isLast = context.isLastAttempt || (!isHindered && context.attempt >= mostAttempts);
    const failure = isExpected ? error.message : "Something went wrong inside Gatehouse; its log says what.";
    // What somebody wants gone is tried until it is: `host-code.follow` asks again when the host can be asked.
    const isTriedOn = placement.act === "remove" && !(code !== undefined && final.has(code));
    if (isTriedOn) await keepWaiting(placement, failure);
    if ((passes || error instanceof ElsewhereError) && !isLast) throw error;
    if (!isTriedOn) await finish(placement, { failure });
    if (!isExpected) throw error;
  }
}

/** An absent host is given up after so many attempts, a minute and a half. */
const mostAttempts = 5;

/** Asked again the host would answer the same. */
const final: ReadonlySet<AgentError["code"]> = new Set(["refused", "protocol", "version"]);

/** The act stays open, with why. */
async function keepWaiting({ id, actId, hostId, code }: Driven, failure: string): Promise<void> {
  await prisma().$transaction(async (db) => {
    await db.hostCodePlacement.updateMany({ where: { id, actId, state: "waiting" }, data: { failure } });
    await tellOf(db, hostId, code.personId);
  });
}

/** Another live worker can open the box: let it. */
class ElsewhereError extends AppError {
  constructor() {
    super(
      "unavailable",
      "What the host should get was handed to a worker that did not come to it. Try again.",
    );
  }
}

async function find(placementId: string) {
  return prisma().hostCodePlacement.findFirst({
    where: { id: placementId, state: "waiting", endedAt: null },
    include: { host: { select: { name: true } }, code: { select: { id: true, kind: true, personId: true } } },
  });
}

async function openContent({ act, actId, boxes }: Driven, context: JobContext): Promise<BoxContent> {
  if (act === "mend" || act === "remove") return {};
  const all = typeof boxes === "object" && boxes !== null ? boxes : {};
  const box = Object.entries(all).find(([workerId]) => workerId === context.workerId)?.[1];
  if (typeof box === "string")
    return BoxContent.parse(
      JSON.parse(context.openBox(Buffer.from(box, "base64"), boxContext(actId)).toString("utf8")),
    );
  const live = await findLiveWorkers(prisma());
  if (live.some((worker) => worker.id in all)) throw new ElsewhereError();
  throw new AppError(
    "expired",
    "Gatehouse's worker was started again before it could bring this to the host. Try again.",
  );
}

async function perform(agent: Agent, placement: Driven, content: BoxContent): Promise<void> {
  const { account, actId: id, act } = placement;
  switch (act) {
    case "write": {
      if (content.text === undefined) throw new AppError("expired", "There is nothing to write. Try again.");
      await agent.writeCodes({
        id,
        account,
        replace: placement.replaces,
        content: Buffer.from(content.text),
      });
      return;
    }
    case "scratch":
      await agent.editCodes({ id, account, scratchCodes: content.scratchCodes ?? [] });
      return;
    case "resync": {
      const { codes } = await agent.readCodes();
      const was = codes.files.find((file) => file.account === account)?.counter;
      if (was === undefined || was === null || content.counter === undefined)
        throw new AppError("conflict", "The host has no counter for these codes. Enrol anew.");
      if (was !== content.counter)
        await agent.editCodes({ id, account, counter: { is: content.counter, was }, scratchCodes: [] });
      return;
    }
    case "mend":
      await agent.mendCodes({ id, account });
      return;
    case "remove":
      await agent.removeCodes({ id, account });
      return;
  }
}

/** Writes the end of an act down, unless a newer act has taken its place. */
async function finish(
  placement: Driven,
  {
    failure,
    reading,
    counter,
  }: { failure: string | null; reading?: CodesReading; counter?: number | undefined },
): Promise<void> {
  const at = clockNow();
  const { id, actId, code, hostId } = placement;
  const act = placement.act as CodeAct;
  await prisma().$transaction(async (db) => {
    const isDone = failure === null;
    const { count } = await db.hostCodePlacement.updateMany({
      where: { id, actId, state: "waiting" },
      data: {
        state: isDone ? "done" : "failed",
        failure,
        boxes: Prisma.DbNull,
        ...(isDone && act === "write" && { writtenAt: at }),
        ...(isDone && act === "remove" && { endedAt: at }),
      },
    });
    if (reading) await recordCodes(db, hostId, { reading, at });
    if (count === 1) {
      if (isDone && act === "write") await forgetScratchCodes(code.id);
      if (isDone && act === "remove") await forgetUnplaced(db, code.id);
      if (isDone && counter !== undefined)
        await db.hostCode.update({ where: { id: code.id }, data: { position: counter } });
      await appendResult(db, {
        at,
        actor: { id: null, name: "Gatehouse" },
        address: "",
        action: actions[act],
        outcome: isDone ? "done" : "failed",
        target: targetOfPlacement(placement),
        detail: failure === null ? {} : { failure },
      });
    }
    await tellOf(db, hostId, code.personId);

    async function forgetScratchCodes(codeId: string): Promise<void> {
      const waiting = await db.hostCodePlacement.count({ where: { codeId, endedAt: null, writtenAt: null } });
      if (waiting === 0) await db.hostCode.update({ where: { id: codeId }, data: { scratchSealed: null } });
    }
  });
}
