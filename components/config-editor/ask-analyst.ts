import type { AccessAnswer, AccessQuestion, Lesson } from "./access-work";
import type { AccessLetter, Letter } from "./analyst";
import { type Kind, type Work, workOut } from "./analyst-work";
import { whenIdle } from "./when-idle";

interface Waiting {
  take(answer: unknown): void;
  /** There is no analyst any more: it is worked out here, in an idle moment. */
  fallBack(): void;
}

/** Undefined until it is needed; null where the browser has none for us. */
let analyst: Worker | null | undefined;
let lastNumber = 0;
const waiting = new Map<number, Waiting>();

function hire(): Worker | null {
  if (typeof Worker === "undefined") return null;
  try {
    const worker = new Worker(new URL("./analyst.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<{ number: number; answer: unknown }>) => {
      waiting.get(data.number)?.take(data.answer);
      waiting.delete(data.number);
    });
    worker.addEventListener("error", dismiss);
    worker.addEventListener("messageerror", dismiss);
    return worker;
  } catch {
    // Some browsers throw where a policy forbids it, others tell by an event.
    return null;
  }
}

function dismiss(): void {
  analyst?.terminate();
  analyst = null;
  const left = [...waiting.values()];
  waiting.clear();
  for (const { fallBack } of left) fallBack();
}

/**
 * What a second thread works out about files; where the browser has none, this one does in an idle moment.
 *
 * @throws what the work itself throws
 */
export function askAnalyst<K extends Kind>(kind: K, ask: Work[K]["ask"]): Promise<Work[K]["answer"]> {
  if (analyst === undefined) analyst = hire();
  return new Promise((resolve, reject) => {
    const fallBack = () => {
      whenIdle(() => {
        try {
          resolve(workOut(kind, ask));
        } catch (reason) {
          reject(reason);
        }
      });
    };
    if (!analyst) return fallBack();
    lastNumber += 1;
    waiting.set(lastNumber, { take: (answer) => resolve(answer as Work[K]["answer"]), fallBack });
    const letter: Letter<K> = { number: lastNumber, kind, ask };
    analyst.postMessage(letter);
  });
}

/**
 * What a draft does to who can log in. Only the second thread tells: without one, or when it fails, nobody does.
 *
 * @param lesson the facts, which are sent when the thread does not have them
 */
export async function askAboutAccess(ask: AccessQuestion, lesson: Lesson): Promise<AccessAnswer> {
  const answer = await sendAccess({ kind: "access", ask });
  return answer === "untaught" ? sendAccess({ kind: "access", ask, lesson }) : answer;
}

function sendAccess(letter: Omit<AccessLetter, "number">): Promise<AccessAnswer> {
  if (analyst === undefined) analyst = hire();
  const thread = analyst;
  if (!thread) return Promise.resolve("failed");
  return new Promise((resolve) => {
    lastNumber += 1;
    waiting.set(lastNumber, {
      take: (answer) => resolve(answer as AccessAnswer),
      fallBack: () => resolve("failed"),
    });
    thread.postMessage({ ...letter, number: lastNumber });
  });
}
