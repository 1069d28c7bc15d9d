import { createHash } from "node:crypto";
import type { AgentFile } from "@/lib/agent/answers";
import { pendingStates } from "@/lib/change/machine";
import { addMarker } from "@/lib/change/marker";
import type { Transaction } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { decodeFile } from "@/lib/features/config/file-text";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";

/** What the host answered, at one moment. */
export interface Reading {
  readonly at: Date;
  readonly files: readonly AgentFile[];
  /** The protected copies made at first contact, where they differ from what is live: path → bytes. */
  readonly originals: ReadonlyMap<string, Buffer>;
}

/**
 * Records a reading of a host's configuration tree: files, their places, and every content never seen before.
 *
 * A content is "original" at first contact, "change" when one of our kept changes wrote it, and else "found": somebody
 * else did, and the host counts as drifted until its file is ours again. What a pending change has put there is not
 * recorded yet: it may be undone. Readings of one host wait for one another here.
 */
export async function recordReading(db: Transaction, hostId: string, reading: Reading): Promise<void> {
  await db.$queryRaw`select id from "Host" where id = ${hostId}::uuid for update`;
  const host = await db.host.findUnique({
    where: { id: hostId },
    select: { driftedAt: true, configSha256: true },
  });
  if (!host) return;
  const known = await db.configFile.findMany({ where: { hostId } });
  const firstContact = known.length === 0;
  const pending = await db.change.findFirst({
    where: { hostId, state: { in: [...pendingStates] } },
    select: { path: true, newSha256: true },
  });
  let drifted = false;
  for (const [position, file] of reading.files.entries()) {
    const before = known.find((one) => one.path === file.path);
    const undecided = pending?.path === file.path && pending.newSha256 === file.sha256;
    const place = {
      position,
      includedFrom: file.includedFrom,
      mode: file.mode,
      owner: file.owner,
      group: file.group,
      readAt: reading.at,
      goneAt: null,
      ...(file.originalSha256 && !before?.originalSha256 && { originalSha256: file.originalSha256 }),
    };
    if (undecided && before) {
      await db.configFile.update({ where: { id: before.id }, data: place });
      continue;
    }
    const { notEditable } = decodeFile(file.content);
    const data = { ...place, sha256: file.sha256, notEditable };
    const { id } = await db.configFile.upsert({
      where: { hostId_path: { hostId, path: file.path } },
      create: { hostId, path: file.path, ...data },
      update: data,
      select: { id: true },
    });
    const original = reading.originals.get(file.path);
    if (!before && original) await addVersion(db, id, original, { origin: "original" });
    if (await recordVersion(db, { hostId, fileId: id, file, firstContact: firstContact && !original }))
      drifted = true;
  }
  const paths = new Set(reading.files.map((file) => file.path));
  for (const file of known)
    if (!file.goneAt && !paths.has(file.path))
      await db.configFile.update({ where: { id: file.id }, data: { goneAt: reading.at } });

  const configSha256 = treeSha256(reading.files);
  await db.host.update({
    where: { id: hostId },
    data: { configSha256, driftedAt: drifted ? (host.driftedAt ?? reading.at) : null },
  });
  // A pending change ends with a reading of its own; until then the page is told by the change.
  if (configSha256 !== host.configSha256)
    // Another configuration, at first contact too: who can log in may be others now.
    await enqueue(
      db,
      "access.collect",
      { hostId },
      { jobKey: `access.collect:${hostId}`, queue: hostQueue(hostId), priority: 5 },
    );
  if (configSha256 !== host.configSha256 || drifted !== (host.driftedAt !== null))
    await appendEvent(db, { topic: "hosts", kind: "config", data: { hostId } });
  await appendEvent(db, { topic: `host:${hostId}`, kind: "config", data: {} });
}

/**
 * Records what a kept change has put on the host, with the change itself: whoever edits on does not wait for the
 * reading that follows, and is not told that "somebody" edited the file.
 */
export async function recordKept(
  db: Transaction,
  change: { id: string; hostId: string; hostRef: string; path: string; content: string; newSha256: string },
): Promise<void> {
  await db.$queryRaw`select id from "Host" where id = ${change.hostId}::uuid for update`;
  const file = await db.configFile.findUnique({
    where: { hostId_path: { hostId: change.hostId, path: change.path } },
    select: { id: true },
  });
  if (!file) return;
  await db.configFile.update({ where: { id: file.id }, data: { sha256: change.newSha256 } });
  const newest = await db.configVersion.findFirst({
    where: { fileId: file.id },
    orderBy: { number: "desc" },
  });
  if (newest?.sha256 === change.newSha256) return;
  const bytes = Buffer.from(addMarker(change.content, change.hostRef), "utf8");
  await addVersion(db, file.id, bytes, { origin: "change", changeId: change.id });
}

/** Adds the live content where it is new; true when somebody else wrote what is live now. */
async function recordVersion(
  db: Transaction,
  {
    hostId,
    fileId,
    file,
    firstContact,
  }: { hostId: string; fileId: string; file: AgentFile; firstContact: boolean },
): Promise<boolean> {
  const newest = await db.configVersion.findFirst({ where: { fileId }, orderBy: { number: "desc" } });
  if (newest?.sha256 !== file.sha256) {
    const change = await db.change.findFirst({
      where: { hostId, path: file.path, newSha256: file.sha256, state: "confirmed" },
      orderBy: { endedAt: "desc" },
      select: { id: true },
    });
    const origin = change ? "change" : newest === null && firstContact ? "original" : "found";
    await addVersion(db, fileId, file.content, { origin, changeId: change?.id });
    if (origin !== "found") return false;
  } else if (newest.origin !== "found") return false;
  const accepted = await db.configVersion.findFirst({
    where: { fileId, origin: { not: "found" } },
    orderBy: { number: "desc" },
    select: { sha256: true },
  });
  return accepted?.sha256 !== file.sha256;
}

async function addVersion(
  db: Transaction,
  fileId: string,
  bytes: Buffer,
  { origin, changeId }: { origin: "original" | "found" | "change"; changeId?: string | undefined },
): Promise<void> {
  const last = await db.configVersion.aggregate({ where: { fileId }, _max: { number: true } });
  await db.configVersion.create({
    data: {
      fileId,
      number: (last._max.number ?? 0) + 1,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      content: decodeFile(bytes).text,
      origin,
      changeId: changeId ?? null,
    },
  });
}

function treeSha256(files: readonly AgentFile[]): string {
  const hash = createHash("sha256");
  for (const { path, sha256 } of files) hash.update(`${path}\0${sha256}\n`);
  return hash.digest("hex");
}
