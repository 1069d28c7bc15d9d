import { z } from "zod";
import { AgentError } from "@/lib/agent/errors";
import { fileIdOf } from "@/lib/agent/file-id";
import { parseTestOutput } from "@/lib/change/test-output";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { readTree } from "@/lib/features/config/read-tree";
import { recordReading } from "@/lib/features/config/record-reading";
import { withManagedHost } from "@/lib/features/hosts/reach";
import { enqueue, hostQueue } from "@/lib/jobs/enqueue";
import type { JobHandlers } from "@/lib/jobs/handlers";
import { log } from "@/lib/log";
import { SshError } from "@/lib/ssh/errors";

/** A host's files are read again after this long, so that an edit made by hand is seen the same hour. */
const staleMinutes = 15;

const CheckInput = z.object({ fileId: z.uuid(), content: z.string() });

export const configJobs: JobHandlers<"config.read" | "config.check" | "config.sweep"> = {
  async "config.read"({ hostId }, { isLastAttempt }) {
    try {
      const known = await prisma().configFile.findMany({ where: { hostId }, select: { path: true } });
      const paths = new Set(known.map((file) => file.path));
      const reading = await withManagedHost(hostId, (agent) => readTree(agent, paths));
      await prisma().$transaction((db) => recordReading(db, hostId, reading), { timeout: 15_000 });
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      log.warn("Configuration could not be read", { hostId, error });
      await prisma().$transaction((db) =>
        appendEvent(db, { topic: `host:${hostId}`, kind: "config-failed", data: { reason } }),
      );
      if (error instanceof SshError && error.failure !== "host-key-changed" && !isLastAttempt) throw error;
    }
  },

  async "config.check"({ operationId }) {
    const db = prisma();
    const operation = await db.operation.findUnique({ where: { id: operationId } });
    if (!operation) return;
    const input = CheckInput.parse(operation.input);
    const file = await db.configFile.findUnique({ where: { id: input.fileId } });
    if (!file) return;
    const finish = (data: { state: string; output?: string; error?: string }) =>
      db.operation.updateMany({ where: { id: operationId }, data: { ...data, endedAt: now() } });
    try {
      const { testCode, testText } = await withManagedHost(operation.hostId, (agent) =>
        agent.check({
          file: fileIdOf(file.path),
          base: file.sha256,
          specs: [],
          content: Buffer.from(input.content, "utf8"),
        }),
      );
      const answer = { code: testCode, lines: parseTestOutput(testText) };
      await finish({ state: "done", output: JSON.stringify(answer) });
    } catch (error) {
      const reason = reasonOf(error);
      await finish({ state: "failed", error: reason ?? "The host could not be asked." });
      if (reason === undefined) throw error;
    }
  },

  async "config.sweep"() {
    const before = new Date(now().getTime() - staleMinutes * 60_000);
    const due = await prisma().host.findMany({
      where: { state: "managed", reachable: { not: false }, files: { none: { readAt: { gt: before } } } },
      select: { id: true },
    });
    await prisma().$transaction(async (db) => {
      for (const [index, host] of due.entries())
        await enqueue(
          db,
          "config.read",
          { hostId: host.id },
          {
            jobKey: `config.read:${host.id}`,
            queue: hostQueue(host.id),
            priority: 10,
            attempts: 1,
            // Evenly over four minutes: the next sweep is a minute later.
            runAt: new Date(now().getTime() + (index * 240_000) / due.length),
          },
        );
    });
  },
};

/** Why the host could not be asked, for people; undefined for a bug of ours. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof AgentError && error.code === "conflict")
    return "The file on the host is no longer the one that was read here. Read the configuration again.";
  if (error instanceof AgentError || error instanceof SshError || error instanceof AppError)
    return error.message;
  return undefined;
}
