import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { AgentFile } from "@/lib/agent/answers";
import { fileIdOf } from "@/lib/agent/file-id";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { recordReading } from "@/lib/features/config/record-reading";
import type { Role } from "@/lib/policy/permissions";
import type { Actor, Origin } from "@/lib/usecase";

// Rows that tests of several features begin with.

export const origin: Origin = { address: "192.0.2.7", userAgent: "test" };

/** A person of that role, signed in and fresh from touching his key. */
export async function addActor(db: Db, role: Role, name: string): Promise<Actor> {
  const login = `${name.toLowerCase()}-${randomBytes(3).toString("hex")}`;
  const person = await db.person.create({
    data: { login, name, role, userHandle: randomBytes(32) },
  });
  return { personId: person.id, name, login, role, sessionId: randomUUID(), steppedUpAt: now() };
}

/** A managed host without a way to reach it: for what needs no host. */
export async function addHost(db: Db, name = `web-${randomBytes(3).toString("hex")}`): Promise<string> {
  const host = await db.host.create({ data: { name, address: "192.0.2.1", state: "managed" } });
  return host.id;
}

/** A file as the agent would describe it. */
export function agentFile(path: string, content: string | Buffer, more: Partial<AgentFile> = {}): AgentFile {
  const bytes = Buffer.from(content);
  return {
    path,
    id: fileIdOf(path),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    mode: "644",
    owner: "root",
    group: "root",
    depth: 0,
    includedFrom: null,
    originalSha256: null,
    content: bytes,
    ...more,
  };
}

/** Records that the host answered with these files, as the worker would. */
export async function answerWith(
  db: Db,
  hostId: string,
  files: readonly AgentFile[],
  originals: ReadonlyMap<string, Buffer> = new Map(),
): Promise<void> {
  await db.$transaction((tx) => recordReading(tx, hostId, { at: now(), files, originals }));
}
