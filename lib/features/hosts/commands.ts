import { randomUUID } from "node:crypto";
import { isAbout, readHostScope } from "@/lib/access/assertions/scope";
import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { refusePendingChange, targetOf } from "@/lib/features/hosts/host-target";
import { parseImport } from "@/lib/features/hosts/import";
import {
  AddHostInput,
  EditHostInput,
  HostId,
  ImportInput,
  ImportPreviewInput,
} from "@/lib/features/hosts/schema";
import type { ImportPreviewView } from "@/lib/features/hosts/views";
import { Prisma } from "@/lib/generated/prisma/client";
import { enqueue, enqueueEach } from "@/lib/jobs/enqueue";
import { can, type Role } from "@/lib/policy/permissions";
import { command } from "@/lib/usecase";

/** An install command can be used this long. Longer: a forgotten clipboard. Shorter: a slow package manager. */
export const installCommandMinutes = 30;
/** A login's fingerprints wait this long for a person to compare them. */
export const compareMinutes = 30;

/** Adds a host that is not reached yet. What comes next is the install command, or a login. */
export const addHost = command({
  name: "host.add",
  permission: "host:enrol",
  input: AddHostInput,
  async run(input, { db, now, actor, record }): Promise<{ hostId: string; enrolmentId: string }> {
    const { way, ...host } = input;
    await refuseTakenNames(db, [host.name]);
    const hostId = randomUUID();
    await nameIsUnique(() => db.host.create({ data: { id: hostId, ...host } }));
    const enrolmentId = await beginEnrolment(db, { hostId, way, personId: actor.personId, now });
    await enqueue(db, "host.make-key", { hostId });
    await appendEvent(db, { topic: "hosts", kind: "added", data: { hostId } });
    record({ target: targetOf({ id: hostId, name: host.name }), detail: { ...host, way } });
    return { hostId, enrolmentId };
  },
});

/** Opens a new enrolment; for a login the look at the host keys begins at once. */
export async function beginEnrolment(
  db: Transaction,
  request: { hostId: string; way: "command" | "login"; personId: string; now: Date },
): Promise<string> {
  const enrolmentId = randomUUID();
  await db.enrolment.create({
    data: {
      id: enrolmentId,
      hostId: request.hostId,
      way: request.way,
      createdById: request.personId,
      expiresAt: new Date(request.now.getTime() + compareMinutes * 60_000),
      state: request.way === "login" ? "connecting" : "waiting",
    },
  });
  if (request.way === "login") await enqueue(db, "host.look-at-keys", { enrolmentId }, { attempts: 2 });
  return enrolmentId;
}

/** Changes what people call a host, where it is reached, its tags and its note. */
export const editHost = command({
  name: "host.edit",
  permission: "host:write",
  input: EditHostInput,
  async run({ hostId, ...edit }, { db, actor, now, record }): Promise<void> {
    // Before any table is locked, as whoever takes the host out does it.
    await db.$queryRaw`select 1 from "Host" where id = ${hostId}::uuid for update`;
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host), detail: edit });
    if (!can(actor.role, "access:rules"))
      await refuseEscape(db, host, { name: edit.name ?? host.name, tags: edit.tags ?? host.tags });
    const gained = edit.tags?.filter((tag) => !host.tags.includes(tag)) ?? [];
    await refuseGrantedTags(db, actor.role, gained, host.name, now);
    if (edit.name !== undefined && edit.name !== host.name) await refuseTakenNames(db, [edit.name]);
    const isMoved =
      (edit.address !== undefined && edit.address !== host.address) ||
      (edit.port !== undefined && edit.port !== host.port);
    if (isMoved) await refusePendingChange(db, hostId);
    await nameIsUnique(() => db.host.update({ where: { id: hostId }, data: edit }));
    if (isMoved && host.state === "managed")
      await enqueue(db, "host.heartbeat", { hostId }, { jobKey: `heartbeat:${hostId}` });
    await tellOf(db, hostId, "edited");
  },
});

/**
 * Refuses another name or other tags with which a blocking rule, or a policy of keys, would not be about the host any more:
 * who may not change rules must not step around them either.
 *
 * Until the transaction ends no rule can be made or edited.
 */
async function refuseEscape(db: Transaction, before: NamedHost, after: NamedHost): Promise<void> {
  await db.$executeRaw`LOCK TABLE "AccessRule" IN SHARE MODE`;
  const rules = await db.accessRule.findMany({
    where: { isEnabled: true, severity: { not: "warn" } },
    orderBy: { name: "asc" },
  });
  const left = rules.find(({ assertion }) => {
    const hosts = readHostScope(assertion);
    return hosts !== undefined && isAbout({ hosts }, before) && !isAbout({ hosts }, after);
  });
  const lost = before.tags.filter((tag) => !after.tags.includes(tag));
  const policy = await db.keyPolicy.findFirst({ where: { tag: { in: lost } } });
  if (policy)
    throw new AppError(
      "forbidden",
      `Without the tag ${policy.tag} the policy of keys for it would not be about ${before.name} any more. Only an owner or admin may take a host out of a policy's reach.`,
    );
  if (left)
    throw new AppError(
      "forbidden",
      `With this name and these tags the rule “${left.name}” would not be about ${before.name} any more. Only an owner or admin may take a host out of a rule's reach.`,
    );
}

/**
 * Refuses that somebody who may not grant gives a host a tag for which a grant stands: the tag alone would let people, the
 * actor among them, into accounts of it.
 *
 * Until the transaction ends no grant can be made. Adding and importing hosts with tags needs no such look: it is done by
 * owners and admins alone (host:enrol), and they grant.
 *
 * @throws AppError `forbidden`
 */
async function refuseGrantedTags(
  db: Transaction,
  role: Role,
  gained: readonly string[],
  hostName: string,
  now: Date,
): Promise<void> {
  if (gained.length === 0 || can(role, "access:grant")) return;
  await db.$executeRaw`LOCK TABLE "AccountGrant" IN SHARE MODE`;
  const grant = await db.accountGrant.findFirst({
    where: {
      tag: { in: [...gained] },
      revokedAt: null,
      OR: [{ endsAt: null }, { endsAt: { gt: now } }],
    },
    include: { person: { select: { name: true } } },
    orderBy: [{ tag: "asc" }, { createdAt: "asc" }],
  });
  if (!grant) return;
  const message = `With the tag ${grant.tag} a grant would let ${grant.person.name} into ${grant.account} on ${hostName}. Leave the tag out, and ask an owner or admin to add it: only they decide who gets in.`;
  throw new AppError("forbidden", message, { fields: { tags: message } });
}

type NamedHost = { readonly name: string; readonly tags: readonly string[] };

/** Puts a host aside: no heartbeat, no change. What is installed on it stays. */
export const archiveHost = command({
  name: "host.archive",
  permission: "host:write",
  input: HostId,
  async run({ hostId }, { db, now, record }): Promise<void> {
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host) });
    if (host.state === "archived") return;
    await refusePendingChange(db, hostId);
    await db.host.update({ where: { id: hostId }, data: { state: "archived", archivedAt: now } });
    await tellOf(db, hostId, "archived");
  },
});

/** Takes a host out of the archive; the next heartbeat shows how it is. */
export const unarchiveHost = command({
  name: "host.unarchive",
  permission: "host:write",
  input: HostId,
  async run({ hostId }, { db, record }): Promise<void> {
    const host = await db.host.findUnique({
      where: { id: hostId },
      include: { pins: { where: { retiredAt: null } } },
    });
    if (!host) throw new AppError("not_found", "There is no such host.");
    record({ target: targetOf(host) });
    if (host.state !== "archived") return;
    const isKnown = host.agentVersion !== null && host.pins.some((pin) => pin.offeredAt === null);
    // A key that was offered before the host went into the archive still waits for a person.
    const isChanged = host.pins.some((pin) => pin.offeredAt !== null);
    const state = !isKnown ? "enrolling" : isChanged ? "key_changed" : "managed";
    await db.host.update({
      where: { id: hostId },
      data: { state, archivedAt: null, reachable: null, unreachableReason: null },
    });
    if (state === "managed")
      await enqueue(db, "host.heartbeat", { hostId }, { jobKey: `heartbeat:${hostId}` });
    await tellOf(db, hostId, "unarchived");
  },
});

/** Reads a text of hosts and says what would become of each; changes nothing. */
export const previewImport = command({
  name: "host.import-preview",
  permission: "host:enrol",
  recorded: false,
  input: ImportPreviewInput,
  async run({ format, text }, { db }): Promise<ImportPreviewView> {
    const known = await db.host.findMany({ select: { name: true, address: true, port: true } });
    return parseImport(format, text, known);
  },
});

/** Adds the hosts that a person chose from a preview. Each then needs its own way in. */
export const importHosts = command({
  name: "host.import",
  permission: "host:enrol",
  input: ImportInput,
  async run({ hosts }, { db, actor, now, record }): Promise<{ hostIds: string[] }> {
    const names = hosts.map((host) => host.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      throw new AppError("invalid", `The name ${twice} stands twice in the list. Names are unique.`);
    await refuseTakenNames(db, names);
    const rows = hosts.map((host) => ({ id: randomUUID(), ...host }));
    const expiresAt = new Date(now.getTime() + compareMinutes * 60_000);
    await insertHosts(db, rows, { personId: actor.personId, expiresAt });
    const payloads = rows.map(({ id }) => ({ hostId: id }));
    await enqueueEach(db, "host.make-key", payloads, { priority: 5 });
    await appendEvent(db, { topic: "hosts", kind: "imported", data: { count: rows.length } });
    record({ detail: { count: rows.length, names: names.slice(0, 100) } });
    return { hostIds: rows.map((row) => row.id) };
  },
});

/** Hosts and their enrolments in two statements: thousands must fit into one transaction on a busy machine. */
async function insertHosts(
  db: Transaction,
  rows: readonly { id: string; name: string; address: string; port: number; tags: string[] }[],
  enrolment: { personId: string; expiresAt: Date },
): Promise<void> {
  const json = JSON.stringify(rows);
  const count = await db.$executeRaw`
    INSERT INTO "Host" (id, name, address, port, tags)
    SELECT id, name, address, port, tags
    FROM json_to_recordset(${json}::json) AS host(id uuid, name text, address text, port int, tags text[])
    ON CONFLICT (name) DO NOTHING`;
  if (count !== rows.length)
    throw new AppError(
      "conflict",
      "Another host has just been given one of these names. Look at the preview again.",
    );
  await db.$executeRaw`
    INSERT INTO "Enrolment" (id, "hostId", way, "createdById", "expiresAt")
    SELECT gen_random_uuid(), id, 'command', ${enrolment.personId}::uuid, ${enrolment.expiresAt}
    FROM json_to_recordset(${json}::json) AS host(id uuid)`;
}

/** Two who choose one name at the same moment both find it free; the database lets one have it. */
async function nameIsUnique<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof Prisma.PrismaClientKnownRequestError) || cause.code !== "P2002") throw cause;
    throw new AppError("conflict", "Another host has just been given this name. Choose another one.", {
      fields: { name: "Another host has this name." },
      cause,
    });
  }
}

/** @throws AppError `conflict` naming the first name that another host has */
async function refuseTakenNames(db: Transaction, names: string[]): Promise<void> {
  const taken = await db.host.findFirst({ where: { name: { in: names } }, select: { name: true } });
  if (taken)
    throw new AppError("conflict", `Another host is called ${taken.name}. Choose another name.`, {
      fields: { name: "Another host has this name." },
    });
}

/** Tells whoever looks at the host, or at the list. */
async function tellOf(db: Transaction, hostId: string, kind: string): Promise<void> {
  await appendEvent(db, { topic: `host:${hostId}`, kind, data: {} });
  await appendEvent(db, { topic: "hosts", kind, data: { hostId } });
  // Rules about access name hosts by tag and by name.
  await enqueue(
    db,
    "access-rules.check",
    { hostId },
    { jobKey: `access-rules.check:${hostId}`, priority: 5 },
  );
}
