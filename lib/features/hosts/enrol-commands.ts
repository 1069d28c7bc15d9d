import { randomBytes } from "node:crypto";
import { printInstallCommand, renderInstallScript, scriptSha256 } from "@/lib/agent/install-script";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { appendEvent } from "@/lib/db/events";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { beginEnrolment, installCommandMinutes } from "@/lib/features/hosts/commands";
import { targetOf } from "@/lib/features/hosts/host-target";
import { installSecretPlace, reportUrl } from "@/lib/features/hosts/install-report";
import {
  EnrolByLoginInput,
  HostId,
  type LoginCredential,
  OfferedKeys,
  RepinInput,
} from "@/lib/features/hosts/schema";
import type { InstallCommandView } from "@/lib/features/hosts/views";
import { Prisma } from "@/lib/generated/prisma/client";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import { findLiveWorkers } from "@/lib/jobs/liveness";
import { sealToBox } from "@/lib/secrets/box";
import { Secret } from "@/lib/secrets/secret";
import { webSealer } from "@/lib/secrets/web-sealer";
import { command } from "@/lib/usecase";

/** A one-time command for the host's console. An earlier one of the same host stops working. */
export const makeInstallCommand = command({
  name: "host.install-command",
  permission: "host:enrol",
  stepUp: true,
  input: HostId,
  async run({ hostId }, { db, now, actor, record }): Promise<InstallCommandView> {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host) });
    refuseUnlessEnrolling(host);
    if (!host.managementPublicKey)
      throw new AppError(
        "unavailable",
        "The host's key is still being made. Is a worker running? Try again.",
      );
    await db.enrolment.updateMany({
      where: { hostId, usedAt: null, expiresAt: { gt: now } },
      data: { expiresAt: now, secretSealed: null, credentialBoxes: Prisma.DbNull },
    });
    const enrolmentId = await beginEnrolment(db, { hostId, way: "command", personId: actor.personId, now });
    const script = renderInstallScript(shippedAgent(), {
      hostId,
      publicKey: host.managementPublicKey,
      reportUrl: reportUrl(env().installOrigin),
    });
    const secret = randomBytes(32).toString("hex");
    const sha256 = scriptSha256(script);
    const expiresAt = new Date(now.getTime() + installCommandMinutes * 60_000);
    await db.enrolment.update({
      where: { id: enrolmentId },
      data: {
        secretSealed: Buffer.from(webSealer().sealText(installSecretPlace(enrolmentId), new Secret(secret))),
        scriptSha256: sha256,
        expiresAt,
      },
    });
    await appendEvent(db, { topic: `host:${hostId}`, kind: "enrolment", data: { state: "waiting" } });
    return {
      enrolmentId,
      command: printInstallCommand({ baseUrl: env().installOrigin, hostId, scriptSha256: sha256, secret }),
      expiresAt: expiresAt.toISOString(),
    };
  },
});

/** Starts the look at the host keys of a host that is to be enrolled by a login. */
export const lookAtOfferedKeys = command({
  name: "host.look-at-keys",
  permission: "host:enrol",
  recorded: false,
  input: HostId,
  async run({ hostId }, { db, now, actor, record }): Promise<{ enrolmentId: string }> {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host) });
    refuseUnlessEnrolling(host);
    await db.enrolment.updateMany({
      where: { hostId, usedAt: null, expiresAt: { gt: now } },
      data: { expiresAt: now, secretSealed: null, credentialBoxes: Prisma.DbNull },
    });
    return { enrolmentId: await beginEnrolment(db, { hostId, way: "login", personId: actor.personId, now }) };
  },
});

/**
 * Connects once with the operator's credential, to the host whose fingerprint he compared.
 *
 * The credential is sealed here to the memory of each live worker and forgotten; the database holds only what no
 * process but those can open, until the first of them uses it.
 */
export const enrolByLogin = command({
  name: "host.enrol-by-login",
  permission: "host:enrol",
  stepUp: true,
  ends: "later",
  input: EnrolByLoginInput,
  async run({ hostId, enrolmentId, fingerprint, ...login }, { db, now, actor, record }): Promise<void> {
    const enrolment = await db.enrolment.findFirst({
      where: { id: enrolmentId, hostId },
      include: { host: true },
    });
    if (!enrolment) throw new AppError("not_found", "There is no such enrolment.");
    record({
      target: targetOf(enrolment.host),
      detail: { enrolmentId, username: login.username, fingerprint, credential: login.credential.kind },
    });
    refuseUnlessEnrolling(enrolment.host);
    if (enrolment.expiresAt <= now)
      throw new AppError("expired", "This took too long. Look at the server's host keys again.");
    const offered = OfferedKeys.safeParse(enrolment.offeredKeys);
    const compared = offered.data?.find((key) => key.fingerprint === fingerprint);
    if (enrolment.state !== "compare" || !compared)
      throw new AppError(
        "conflict",
        "This fingerprint is not among those that the server showed. Look at them again.",
      );

    const workers = await findLiveWorkers(db);
    if (workers.length === 0)
      throw new AppError(
        "unavailable",
        "No worker is running, so nothing can reach the server. Start one and try again.",
      );
    const credential: LoginCredential = login;
    const bytes = Buffer.from(JSON.stringify(credential));
    const credentialBoxes = Object.fromEntries(
      workers.map(({ id, boxPublicKey }) => [
        id,
        sealToBox(boxPublicKey, bytes, credentialContext(enrolmentId)).toString("base64"),
      ]),
    );
    bytes.fill(0);
    // Two at once: one wins, and the other's credential is never used.
    const { count } = await db.enrolment.updateMany({
      where: { id: enrolmentId, state: "compare" },
      data: { state: "installing", credentialBoxes, error: null, log: "" },
    });
    if (count === 0) throw new AppError("conflict", "Somebody else is logging in to this server already.");
    await db.hostKeyPin.updateMany({ where: { hostId, retiredAt: null }, data: { retiredAt: now } });
    await db.hostKeyPin.create({
      data: {
        hostId,
        type: compared.type,
        blob: Buffer.from(compared.blob, "base64"),
        fingerprint,
        origin: "compared by a person",
        pinnedById: actor.personId,
        pinnedAt: now,
      },
    });
    await enqueue(db, "host.enrol-by-login", { enrolmentId }, { queue: hostQueue(hostId), attempts: 6 });
    await appendEvent(db, { topic: `host:${hostId}`, kind: "enrolment", data: { state: "installing" } });
  },
});

/** A person compared the key that the host shows now, and takes it as the pin. */
export const repinHost = command({
  name: "host.repin",
  permission: "host:repin",
  stepUp: true,
  input: RepinInput,
  async run({ hostId, fingerprint }, { db, now, actor, record }): Promise<void> {
    const host = await db.host.findUnique({
      where: { id: hostId },
      include: { pins: { where: { retiredAt: null } } },
    });
    if (!host) throw new AppError("not_found", "There is no such host.");
    const before = host.pins.filter((pin) => pin.offeredAt === null).map((pin) => pin.fingerprint);
    record({ target: targetOf(host), detail: { before, after: fingerprint } });
    const offered = host.pins.find((pin) => pin.offeredAt !== null && pin.fingerprint === fingerprint);
    if (host.state !== "key_changed" || !offered)
      throw new AppError("conflict", "The server did not offer this key. Reload the page and compare again.");
    await db.hostKeyPin.updateMany({
      where: { hostId, retiredAt: null, id: { not: offered.id } },
      data: { retiredAt: now },
    });
    await db.hostKeyPin.update({
      where: { id: offered.id },
      data: { offeredAt: null, origin: "re-pinned", pinnedById: actor.personId, pinnedAt: now },
    });
    await db.host.update({
      where: { id: hostId },
      data: { state: "managed", reachable: null, unreachableReason: null },
    });
    await enqueue(db, "host.heartbeat", { hostId }, { jobKey: `heartbeat:${hostId}` });
    await appendEvent(db, { topic: `host:${hostId}`, kind: "repinned", data: {} });
    await appendEvent(db, { topic: "hosts", kind: "repinned", data: { hostId } });
  },
});

/** What a credential's box is sealed for. */
export function credentialContext(enrolmentId: string): string {
  return `enrolment:${enrolmentId}`;
}

function refuseUnlessEnrolling(host: { name: string; state: string }): void {
  if (host.state === "enrolling") return;
  throw new AppError(
    "conflict",
    `${host.name} is enrolled already. Remove it first, or re-pin its host key.`,
  );
}
