import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { followEvents } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { requireActor } from "@/lib/http/actor";
import { answering, type Handler } from "@/lib/http/route";
import { type Message, sse } from "@/lib/http/sse";
import { mayHear } from "@/lib/policy/topics";
import { readCookie } from "@/lib/session/cookie";
import { isSessionAlive } from "@/lib/session/session";
import type { Actor } from "@/lib/usecase";

/** More than any page listens to. */
const topicsAtMost = 200;

/**
 * `GET events?topic=host:<id>&topic=hosts`: news as server-sent events, replayed after `Last-Event-ID`.
 *
 * Each topic needs its permission. The stream ends within a heartbeat when the session ends, or when the person's role
 * no longer allows a topic.
 */
export const eventStream: Handler = answering(async (request) => {
  const actor = await requireActor(readCookie(request.headers.get("cookie"), "session"));
  const topics = [...new Set(new URL(request.url).searchParams.getAll("topic"))];
  if (topics.length === 0 || topics.length > topicsAtMost)
    throw new AppError("invalid", `Name the topics: ?topic=hosts, ${topicsAtMost} at most.`);
  for (const topic of topics) refuseUnlessAllowed(actor, topic);

  const controller = new AbortController();
  request.signal.addEventListener("abort", () => controller.abort());
  const after = lastEventId(request.headers);
  return sse(messages(topics, after, controller.signal), {
    isAllowed: () => stillAllowed(actor, topics),
    controller,
  });
});

async function* messages(
  topics: readonly string[],
  after: bigint | undefined,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  for await (const { id, topic, kind, data } of followEvents(prisma(), topics, { after, signal }))
    yield { id: id.toString(), data: { topic, kind, data } };
}

function refuseUnlessAllowed(actor: Actor, topic: string): void {
  // A topic that he may not hear of and one that does not exist look alike.
  if (!mayHear(actor, topic)) throw new AppError("not_found", `There is no topic "${topic}".`);
}

/** The token may have been renewed since (step-up); the session's id stays. */
async function stillAllowed(actor: Actor, topics: readonly string[]): Promise<boolean> {
  if (!(await isSessionAlive(prisma(), actor.sessionId, now()))) return false;
  const person = await prisma().person.findUnique({ where: { id: actor.personId }, select: { role: true } });
  return (
    person !== null &&
    topics.every((topic) => mayHear({ personId: actor.personId, role: person.role }, topic))
  );
}

function lastEventId(headers: Headers): bigint | undefined {
  const text = headers.get("last-event-id");
  return text && /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}
