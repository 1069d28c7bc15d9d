import type { Hello } from "@/lib/agent/answers";
import { now as clockNow } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { appendEvent } from "@/lib/db/events";
import { factsOf, HostFacts } from "@/lib/features/hosts/facts";
import { keysOf, pinKeys } from "@/lib/features/hosts/pin-keys";

/** Facts that change with every answer and are no news. */
const restless: readonly (keyof HostFacts)[] = ["uptimeSeconds", "clockOffsetSeconds"];

/**
 * Writes down that a host answered over a pinned connection, and what it said of itself.
 *
 * Pages hear of it only when something they show changed: a thousand healthy heartbeats are no news. Host keys of
 * types that have no pin yet become pins: the host itself named them, over a connection that proved to be it.
 */
export async function recordHello(hostId: string, hello: Hello): Promise<void> {
  const now = clockNow();
  const facts = storable(factsOf(hello, now.getTime() / 1000));
  const columns = {
    agentVersion: storableText(hello.agentVersion),
    agentSha256: hello.agentSha256,
    sshdVersion: facts.sshdVersion,
    osName: [facts.osName, facts.osVersion].filter(Boolean).join(" "),
    reachable: true,
    unreachableReason: null,
  };
  await prisma().$transaction(async (db) => {
    const before = await db.host.findUnique({ where: { id: hostId } });
    if (!before) return;
    const isNews =
      Object.entries(columns).some(([name, value]) => before[name as keyof typeof columns] !== value) ||
      steady(before.facts) !== steady(facts);
    await db.host.update({
      where: { id: hostId },
      data: { ...columns, facts, factsAt: now, seenAt: now, checkedAt: now },
    });
    await pinKeys(db, {
      hostId,
      keys: keysOf(hello.hostKeys),
      origin: "named by the host over a pinned connection",
      now,
    });
    if (!isNews) return;
    await appendEvent(db, { topic: `host:${hostId}`, kind: "facts", data: {} });
    await appendEvent(db, { topic: "hosts", kind: "facts", data: { hostId } });
  });
}

/** Writes down that a host does not answer, and why, in one sentence. */
export async function recordSilence(hostId: string, reason: string): Promise<void> {
  const now = clockNow();
  const unreachableReason = storableText(reason).slice(0, 1000);
  await prisma().$transaction(async (db) => {
    const before = await db.host.findUnique({ where: { id: hostId } });
    if (before?.state !== "managed") return;
    await db.host.update({
      where: { id: hostId },
      data: { reachable: false, unreachableReason, checkedAt: now },
    });
    if (before.reachable === false && before.unreachableReason === unreachableReason) return;
    await appendEvent(db, { topic: `host:${hostId}`, kind: "unreachable", data: {} });
    await appendEvent(db, { topic: "hosts", kind: "unreachable", data: { hostId } });
  });
}

function steady(facts: unknown): string {
  const parsed = HostFacts.safeParse(facts);
  if (!parsed.success) return "";
  const entries = Object.entries(parsed.data).filter(([name]) => !restless.includes(name as keyof HostFacts));
  return JSON.stringify(entries.sort(([a], [b]) => a.localeCompare(b)));
}

function storable(facts: HostFacts): HostFacts {
  return JSON.parse(
    JSON.stringify(facts, (_, value) => (typeof value === "string" ? storableText(value) : value)),
  );
}

/** PostgreSQL holds neither NUL nor half a surrogate pair. */
function storableText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
