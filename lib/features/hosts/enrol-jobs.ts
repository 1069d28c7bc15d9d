import { withHost } from "@/lib/agent/client";
import { AgentError } from "@/lib/agent/errors";
import { now as clockNow } from "@/lib/clock";
import { appendActivity, appendResult } from "@/lib/db/activity";
import { prisma, type Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { targetOf } from "@/lib/features/hosts/host-target";
import { CredentialElsewhere, installByLogin, takeCredential } from "@/lib/features/hosts/install-by-login";
import { LiveLog } from "@/lib/features/hosts/live-log";
import { pinKeys, reportedKeys } from "@/lib/features/hosts/pin-keys";
import { managementKeyPlace, reachOf } from "@/lib/features/hosts/reach";
import { recordHello } from "@/lib/features/hosts/record-hello";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import type { JobContext } from "@/lib/jobs/handlers";
import { workerSealer } from "@/lib/secrets/worker-sealer";
import { SshError } from "@/lib/ssh/errors";
import { fingerprintOf, generateManagementKey } from "@/lib/ssh/keys";
import { lookAtHostKeys } from "@/lib/ssh/ssh2";

/** Makes the host's key pair, unless it has one. */
export async function makeKey(hostId: string): Promise<void> {
  const key = generateManagementKey(`gatehouse:${hostId}`);
  await prisma().$transaction(async (db) => {
    const { count } = await db.host.updateMany({
      where: { id: hostId, managementPublicKey: null },
      data: {
        managementPublicKey: key.publicKey,
        managementKeySealed: Buffer.from(workerSealer().sealText(managementKeyPlace(hostId), key.privateKey)),
      },
    });
    if (count > 0)
      await appendEvent(db, { topic: `host:${hostId}`, kind: "enrolment", data: { state: "key" } });
  });
}

/** Reads the host keys that a person will compare. */
export async function lookAtKeys(enrolmentId: string, context: JobContext): Promise<void> {
  const enrolment = await openEnrolment(enrolmentId, "connecting");
  if (!enrolment) return;
  try {
    const { address, port } = enrolment.host;
    const keys = await lookAtHostKeys(address, port, { signal: context.signal });
    const offeredKeys = keys.map(({ type, blob }) => ({
      type,
      fingerprint: fingerprintOf(blob),
      blob: Buffer.from(blob).toString("base64"),
    }));
    await setEnrolment(enrolment, { state: "compare", offeredKeys, error: null });
  } catch (error) {
    if (context.signal.aborted || !isExpected(error)) throw error;
    await setEnrolment(enrolment, { state: "failed", error: error.message });
  }
}

/** Uses the operator's credential, once: connects to the key he compared, installs, says hello by our own key. */
export async function enrolHostByLogin(enrolmentId: string, context: JobContext): Promise<void> {
  const enrolment = await openEnrolment(enrolmentId, "installing");
  if (!enrolment) return;
  const live = new LiveLog(async (text) => setEnrolment(enrolment, { log: text }));
  const end = async (state: "compare" | "failed", error: string) => {
    live.addLine(error);
    await live.end();
    await setEnrolment(enrolment, { state, error }, await failure(enrolment, "host.enrol-by-login", error));
  };
  let isInstalling = false;
  try {
    const login = await takeCredential(enrolment, context);
    live.addLine(`Logging in as ${login.username} …`);
    const report = await installByLogin(enrolment.host, login, {
      onOutput: (bytes) => {
        isInstalling = true;
        live.add(bytes);
      },
      signal: context.signal,
    });
    const keys = reportedKeys(report);
    await prisma().$transaction((db) =>
      pinKeys(db, { hostId: enrolment.hostId, keys, origin: "install report", now: clockNow() }),
    );
    live.addLine("Installed. Logging in with Gatehouse's own key …");
    await firstHello(enrolment.hostId);
    live.addLine("The agent answers. This host is managed now.");
    await live.end();
    await becomeManaged(enrolment, "host.enrol-by-login");
  } catch (error) {
    // The credential is gone with the first use: nothing can be tried again without the person.
    if (error instanceof CredentialElsewhere && !context.isLastAttempt) throw error;
    if (error instanceof SshError && error.failure === "host-key-changed")
      return end(
        "failed",
        "The server now shows another host key than the one you compared. Nothing was sent to it.",
      );
    if (error instanceof SshError && !isInstalling) return end("compare", error.message);
    await end(
      "failed",
      isExpected(error) ? error.message : "Something went wrong inside Gatehouse; its log says what.",
    );
    if (!isExpected(error)) throw error;
  }
}

/** The host reported that it is installed: only its answer over the pinned connection makes it managed. */
export async function makeFirstContact(enrolmentId: string, context: JobContext): Promise<void> {
  const enrolment = await openEnrolment(enrolmentId, "connecting");
  if (!enrolment) return;
  try {
    await firstHello(enrolment.hostId);
    await becomeManaged(enrolment, "host.enrol");
  } catch (error) {
    if (!isExpected(error)) throw error;
    const changed = error instanceof SshError && error.failure === "host-key-changed";
    const message = changed
      ? "What answers at this address does not have the host key that the installed server reported. Nothing was sent to it. Check the address, then enrol again."
      : error.message;
    const isOver = changed || context.isLastAttempt;
    const result = isOver ? await failure(enrolment, "host.enrol", message) : undefined;
    await setEnrolment(enrolment, { state: isOver ? "failed" : "connecting", error: message }, result);
    if (!isOver) throw error;
  }
}

type OpenEnrolment = NonNullable<Awaited<ReturnType<typeof openEnrolment>>>;

/** The enrolment with its host, when it is in the state that the job is for; another job or a person moved it else. */
async function openEnrolment(id: string, state: string) {
  return prisma().enrolment.findFirst({ where: { id, state }, include: { host: true } });
}

async function firstHello(hostId: string): Promise<void> {
  const host = await reachOf(prisma(), hostId, { evenIf: "enrolling" });
  await recordHello(hostId, await withHost(host, (agent) => agent.hello()));
}

/** What happened and the row that says so stand or fall together: no row, no act. */
type Result = (db: Transaction) => Promise<unknown>;

async function becomeManaged(enrolment: OpenEnrolment, action: EnrolAction): Promise<void> {
  const { hostId } = enrolment;
  const record = await resultOf(enrolment, action, "done", { enrolmentId: enrolment.id });
  await prisma().$transaction(async (db) => {
    await db.host.updateMany({ where: { id: hostId, state: "enrolling" }, data: { state: "managed" } });
    await db.enrolment.update({
      where: { id: enrolment.id },
      data: { state: "done", error: null, usedAt: enrolment.usedAt ?? clockNow() },
    });
    await enqueue(db, "config.read", { hostId }, { queue: hostQueue(hostId) });
    await appendEvent(db, { topic: `host:${hostId}`, kind: "enrolment", data: { state: "done" } });
    await appendEvent(db, { topic: "hosts", kind: "enrolled", data: { hostId } });
    await record(db);
  });
}

async function setEnrolment(
  enrolment: OpenEnrolment,
  data: {
    state?: string;
    error?: string | null;
    log?: string;
    offeredKeys?: { type: string; fingerprint: string; blob: string }[];
  },
  record?: Result,
): Promise<void> {
  await prisma().$transaction(async (db) => {
    await db.enrolment.update({ where: { id: enrolment.id }, data });
    await appendEvent(db, {
      topic: `host:${enrolment.hostId}`,
      kind: "enrolment",
      data: data.state === undefined ? {} : { state: data.state },
    });
    await record?.(db);
  });
}

/** A login has an intent to end; a report is the host's own act, and what follows it stands by itself. */
type EnrolAction = "host.enrol-by-login" | "host.enrol";

function failure(enrolment: OpenEnrolment, action: EnrolAction, error: string): Promise<Result> {
  return resultOf(enrolment, action, "failed", { enrolmentId: enrolment.id, error });
}

async function resultOf(
  enrolment: OpenEnrolment,
  action: EnrolAction,
  outcome: "done" | "failed",
  detail: Record<string, unknown>,
): Promise<Result> {
  const person = await prisma().person.findUnique({ where: { id: enrolment.createdById } });
  const entry = {
    at: clockNow(),
    actor: { id: enrolment.createdById, name: person?.name ?? "somebody" },
    address: "",
    action,
    outcome,
    target: targetOf(enrolment.host),
    detail,
  };
  return (db) => (action === "host.enrol" ? appendActivity(db, entry) : appendResult(db, entry));
}

/** A failure that is explained to people; anything else is a bug. */
function isExpected(error: unknown): error is SshError | AgentError | AppError {
  return error instanceof SshError || error instanceof AgentError || error instanceof AppError;
}
