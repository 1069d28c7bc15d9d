import type { z } from "zod";
import { type Db, prisma } from "@/lib/db/client";
import { requireActor } from "@/lib/http/actor";
import { clientOf } from "@/lib/http/client";
import { answering, type Handler } from "@/lib/http/route";
import { readCookie } from "@/lib/session/cookie";
import { act, type Command } from "@/lib/usecase";

interface Options<Output> {
  readonly fileName: string | ((output: Output) => string);
  /** The media type. */
  readonly type: string | ((output: Output) => string);
  readonly lines: (db: Db, output: Output) => AsyncIterable<string>;
  /**
   * The address's parameters are the command's input; those named here are lists, even when they stand once. When left
   * out, the command has no input.
   */
  readonly lists?: readonly string[];
}

/**
 * `GET` of a file that is recorded as an act: the command says what the file holds, `lines` gives it piece by piece.
 *
 * No page of another site can start it: the session's cookie is SameSite=Strict.
 */
export function download<Input extends z.ZodType, Output, Prepared>(
  useCase: Command<Input, Output, Prepared>,
  { fileName, type, lines, lists }: Options<Output>,
): Handler {
  return answering(async (request) => {
    const actor = await requireActor(readCookie(request.headers.get("cookie"), "session"));
    const input = lists ? inputOf(new URL(request.url).searchParams, lists) : {};
    const output = await act(useCase, input, actor, clientOf(request.headers));
    const pieces = lines(prisma(), output)[Symbol.asyncIterator]();
    const encoder = new TextEncoder();
    const stream = new ReadableStream<Uint8Array>({
      async pull(sink) {
        const { done, value } = await pieces.next();
        if (done) sink.close();
        else sink.enqueue(encoder.encode(value));
      },
      cancel: async () => void (await pieces.return?.()),
    });
    return new Response(stream, {
      headers: {
        "content-type": textOf(type, output),
        "content-disposition": `attachment; filename="${textOf(fileName, output)}"`,
        "cache-control": "no-store, no-transform",
      },
    });
  });
}

function textOf<Output>(given: string | ((output: Output) => string), output: Output): string {
  return typeof given === "string" ? given : given(output);
}

function inputOf(params: URLSearchParams, lists: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => [
      name,
      lists.includes(name) ? params.getAll(name) : params.get(name),
    ]),
  );
}
