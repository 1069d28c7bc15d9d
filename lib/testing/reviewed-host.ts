import { createHash, randomBytes } from "node:crypto";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import type { Prisma } from "@/lib/generated/prisma/client";
import { addHost } from "@/lib/testing/arrange";

/** What a test says of one way in; the rest is a key from any address. */
export interface WayGiven {
  account: string;
  /** "SHA256:…"; null: by a password. */
  fingerprint?: string | null;
  from?: string[];
  methods?: string;
  factors?: number;
  forcedCommand?: string | null;
  limits?: string[];
  comment?: string;
}

/** A host whose ways in were read, without a host behind it. */
export async function addReadHost(db: Db, ways: readonly WayGiven[], name?: string): Promise<string> {
  const hostId = await addHost(db, name);
  await readHostAgain(db, hostId, ways);
  return hostId;
}

/** Writes down that the host was read just now, and has these ways in; nothing of before stays. */
export async function readHostAgain(
  db: Db,
  hostId: string,
  ways: readonly WayGiven[],
  reading: Partial<Prisma.AccessReadingUncheckedCreateInput> = {},
): Promise<void> {
  const row = {
    readAt: now(),
    changedAt: now(),
    modelVersion: 1,
    isConsistent: true,
    refused: null,
    notDerived: null,
    pathsLeftOut: 0,
    cuts: 0,
    ...reading,
  };
  await db.$transaction(
    async (tx) => {
      await tx.accessReading.upsert({ where: { hostId }, create: { hostId, ...row }, update: row });
      await tx.accessPath.deleteMany({ where: { hostId } });
      await tx.accessPath.createMany({ data: ways.map((way, position) => wayRow(hostId, way, position)) });
    },
    { timeout: 60_000 },
  );
}

function wayRow(hostId: string, given: WayGiven, position: number): Prisma.AccessPathCreateManyInput {
  const { account, fingerprint = `SHA256:${account}`, from = ["any address"], forcedCommand = null } = given;
  const methods = given.methods ?? (fingerprint === null ? "password" : "publickey");
  const source = fingerprint === null ? null : `/home/${account}/.ssh/authorized_keys:${position + 1}`;
  const comment = given.comment ?? null;
  return {
    hostId,
    id: createHash("sha256")
      .update(JSON.stringify([account, fingerprint, from, methods]))
      .digest("hex"),
    position,
    account,
    uid: account === "root" ? 0 : 1000 + position,
    fingerprint,
    fingerprints: fingerprint === null ? [] : [fingerprint],
    keySources: source === null ? [] : [source],
    keyType: fingerprint === null ? null : "ssh-ed25519",
    comment,
    methods,
    factors: given.factors ?? 1,
    asksPassword: methods.includes("password"),
    isCertain: true,
    from,
    forcedCommand,
    limits: given.limits ?? [],
    firstSeenAt: now(),
    words: account,
    digest: randomBytes(8).toString("hex"),
    view: {
      why:
        source === null
          ? [{ text: "PasswordAuthentication yes", source: "/etc/ssh/sshd_config:7" }]
          : [{ text: "the line that names the key", source }],
      dependsOn: [],
    },
  };
}
