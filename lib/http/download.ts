import type { z } from "zod";
import { type Db, prisma } from "@/lib/db/client";
import { requireActor } from "@/lib/http/actor";
import { clientOf } from "@/lib/http/client";
import { answering, type Handler } from "@/lib/http/route";
import { readCookie } from "@/lib/session/cookie";
import { act, type Command } from "@/lib/usecase";

/**
 * `GET` of a file that is recorded as an act: the command says what the file holds, `lines` gives it piece by piece.
 *
 * No page of another site can start it: the session's cookie is SameSite=Strict.
 */
export function download<Input extends z.ZodType, Output, Prepared>(
  useCase: Command<Input, Output, Prepared>,
  {
    fileName,
    type,
    lines,
  }: {
    fileName: string;
    type: string;
    lines: (db: Db, output: Output) => AsyncIterable<string>;
  },
): Handler {
  return answering(async (request) => {
    const actor = await requireActor(readCookie(request.headers.get("cookie"), "session"));
    const output = await act(useCase, {}, actor, clientOf(request.headers));
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
        "content-type": type,
        "content-disposition": `attachment; filename="${fileName}"`,
        "cache-control": "no-store, no-transform",
      },
    });
  });
}
