/** Proxies and browsers give up a silent connection after 30 to 60 seconds. */
const heartbeatSeconds = 15;

/** One message of a stream. */
export interface Message {
  /** Comes back as `Last-Event-ID` when the browser connects again. */
  readonly id: string;
  readonly data: unknown;
}

/**
 * Server-sent events from an async sequence, with a heartbeat while there is nothing to say.
 *
 * @param messages is told to end by `signal`
 * @param isAllowed asked at each heartbeat; once it says no, the stream ends
 * @param controller aborted when the browser is gone or the stream ends: whatever feeds `messages` stops
 */
export function sse(
  messages: AsyncIterable<Message>,
  { isAllowed, controller }: { isAllowed: () => Promise<boolean>; controller: AbortController },
): Response {
  const encoder = new TextEncoder();
  let heartbeat: ReturnType<typeof setInterval> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(sink) {
      const end = () => {
        if (controller.signal.aborted) return;
        controller.abort();
      };
      const send = (text: string) => {
        if (!controller.signal.aborted) sink.enqueue(encoder.encode(text));
      };
      controller.signal.addEventListener("abort", () => clearInterval(heartbeat));
      const beat = async () => {
        if (await isAllowed().catch(() => false)) send(": still here\n\n");
        else end();
      };
      heartbeat = setInterval(() => void beat(), heartbeatSeconds * 1000);
      // Comes at once: the browser knows that it is connected.
      send("retry: 2000\n\n");
      const pump = async () => {
        for await (const { id, data } of messages) send(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
      };
      pump()
        .then(
          () => close(sink),
          (error) => (controller.signal.aborted ? close(sink) : sink.error(error)),
        )
        .finally(end);
    },
    cancel: () => controller.abort(),
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      // nginx would hold events back until its buffer is full.
      "x-accel-buffering": "no",
    },
  });
}

/** The browser may have closed it first. */
function close(sink: ReadableStreamDefaultController): void {
  try {
    sink.close();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
