import { timingSafeEqual } from "node:crypto";
import { renderInstallScript, reportMac } from "@/lib/agent/install-script";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { now as clockNow } from "@/lib/clock";
import { appendActivity } from "@/lib/db/activity";
import { prisma } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { env } from "@/lib/env";
import { targetOf } from "@/lib/features/hosts/host-target";
import { pinKeys, reportedKeys } from "@/lib/features/hosts/pin-keys";
import { HostId } from "@/lib/features/hosts/schema";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { webSealer } from "@/lib/secrets/web-sealer";

// What an installed host itself says, over http or https, authenticated by the secret of the pasted command: a man in
// the middle can neither alter the host keys nor use the report again. See docs/enrolment.md.

/** A report is some 3 KiB. */
export const largestMessageBytes = 64 * 1024;

/** Where the secret of an install command is sealed. */
export function installSecretPlace(enrolmentId: string) {
  return { table: "Enrolment", column: "secretSealed", row: enrolmentId };
}

/** Where hosts post their report. */
export function reportUrl(baseUrl: string): string {
  return `${baseUrl}/api/install/report`;
}

/**
 * The install script of a host for which a command is open; undefined when none is, whatever the reason.
 *
 * Public: it holds a public key, an id and the agent's text, and the pasted command knows its SHA-256.
 */
export async function findInstallScript(hostId: string): Promise<string | undefined> {
  if (!HostId.safeParse({ hostId }).success) return undefined;
  const enrolment = await prisma().enrolment.findFirst({
    where: {
      hostId,
      way: "command",
      usedAt: null,
      expiresAt: { gt: clockNow() },
      secretSealed: { not: null },
    },
    include: { host: true },
  });
  if (!enrolment?.host.managementPublicKey) return undefined;
  return renderInstallScript(shippedAgent(), {
    hostId,
    publicKey: enrolment.host.managementPublicKey,
    reportUrl: reportUrl(env().installOrigin),
  });
}

const forgedReport =
  "A report for this host came that does not know the command's secret. It was refused; the command still works.";

/** What the host's terminal shows; the first word is for the script. */
export interface ReportAnswer {
  readonly isAccepted: boolean;
  readonly text: string;
}

const refused = (text: string): ReportAnswer => ({ isAccepted: false, text: `refused: ${text}` });
const unknownCommand = refused(
  "this command is not valid (any more). It works once, for 30 minutes; ask Gatehouse for a new one.",
);

/**
 * Takes a host's report: checks its MAC, pins its host keys, and lets the worker say hello. Once.
 *
 * @param message `host=…`, `mac=…`, an empty line, then the report; as it came, at most `largestMessageBytes`
 * @param address of the client, for the activity
 */
export async function takeReport(message: Buffer, address: string): Promise<ReportAnswer> {
  const parsed = parseMessage(message);
  if (!parsed) return refused("this is no report of an installation.");
  const now = clockNow();
  const enrolment = await prisma().enrolment.findFirst({
    where: {
      hostId: parsed.hostId,
      way: "command",
      usedAt: null,
      expiresAt: { gt: now },
      secretSealed: { not: null },
    },
    include: { host: true },
  });
  // The answer does not tell an unknown host from a used command, nor from a wrong MAC.
  if (!enrolment?.secretSealed) return unknownCommand;
  const secret = webSealer().openText(installSecretPlace(enrolment.id), enrolment.secretSealed);
  const isGenuine = timingSafeEqual(
    Buffer.from(reportMac(secret.reveal(), parsed.report)),
    Buffer.from(parsed.mac),
  );
  const target = targetOf(enrolment.host);
  const actor = { id: null, name: `install command of ${enrolment.host.name}` };
  if (!isGenuine) {
    // Once a command: whoever knows the host's id could fill the activity otherwise.
    if (enrolment.error === null)
      await prisma().$transaction(async (db) => {
        await db.enrolment.update({ where: { id: enrolment.id }, data: { error: forgedReport } });
        await appendEvent(db, { topic: `host:${target.id}`, kind: "enrolment", data: {} });
        await appendActivity(db, {
          at: now,
          actor,
          address,
          action: "host.report",
          outcome: "refused",
          target,
          detail: { enrolmentId: enrolment.id, reason: "the MAC of the report is wrong" },
        });
      });
    return unknownCommand;
  }
  const keys = reportedKeys(parsed.report.toString("utf8"));
  if (keys.length === 0) return refused("the report names no host key that Gatehouse knows.");
  return prisma().$transaction(async (db) => {
    const { count } = await db.enrolment.updateMany({
      where: { id: enrolment.id, usedAt: null },
      data: { usedAt: now, secretSealed: null, state: "connecting", error: null },
    });
    if (count === 0) return unknownCommand;
    await pinKeys(db, { hostId: target.id, keys, origin: "install report", now, retireOthers: true });
    await enqueue(
      db,
      "host.first-contact",
      { enrolmentId: enrolment.id },
      { queue: hostQueue(target.id), attempts: 4 },
    );
    await appendEvent(db, { topic: `host:${target.id}`, kind: "enrolment", data: { state: "connecting" } });
    await appendActivity(db, {
      at: now,
      actor,
      address,
      action: "host.report",
      outcome: "done",
      target,
      detail: { enrolmentId: enrolment.id, hostKeys: keys.map((key) => `${key.type} ${key.fingerprint}`) },
    });
    return {
      isAccepted: true,
      text: `done: ${target.name} is installed. Gatehouse now connects to it; its page shows the rest.`,
    };
  });
}

function parseMessage(message: Buffer): { hostId: string; mac: string; report: Buffer } | undefined {
  if (message.length > largestMessageBytes) return undefined;
  const head = /^host=([0-9a-f-]{36})\nmac=([0-9a-f]{64})\n\n/.exec(
    message.subarray(0, 200).toString("latin1"),
  );
  if (!head?.[1] || !head[2] || !HostId.safeParse({ hostId: head[1] }).success) return undefined;
  return { hostId: head[1], mac: head[2], report: message.subarray(head[0].length) };
}
