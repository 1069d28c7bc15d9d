import type { z } from "zod";
import { AppError } from "@/lib/errors";
import { requireActor } from "@/lib/http/actor";
import { clientOf } from "@/lib/http/client";
import { answering, type Handler } from "@/lib/http/route";
import { readCookie } from "@/lib/session/cookie";
import { type Query, read } from "@/lib/usecase";

/** One way to write what a query gave. */
interface Format<Output> {
  readonly type: string;
  readonly print: (output: Output) => string;
}

interface Options<Output> {
  /** Without its ending. */
  readonly name: string;
  /** By the value of `?format=`, which is also the ending; the first is taken when none is asked for. */
  readonly formats: Readonly<Record<string, Format<Output>>>;
  /** Parameters that may stand several times: lists, even when they stand once. */
  readonly lists?: readonly string[];
}

/** `GET` of a file that only reads: a query's answer, to save. */
export function fileRoute<Input extends z.ZodType, Output>(
  useCase: Query<Input, Output>,
  { name, formats, lists = [] }: Options<Output>,
): Handler {
  return answering(async (request) => {
    const actor = await requireActor(readCookie(request.headers.get("cookie"), "session"));
    const { searchParams } = new URL(request.url);
    const wanted = searchParams.get("format") ?? Object.keys(formats)[0] ?? "";
    const format = Object.hasOwn(formats, wanted) ? formats[wanted] : undefined;
    if (!format)
      throw new AppError("invalid", `format: one of ${Object.keys(formats).join(", ")}.`, {
        fields: { format: `One of ${Object.keys(formats).join(", ")}.` },
      });
    const input: Record<string, unknown> = {};
    for (const key of new Set(searchParams.keys()))
      if (key !== "format")
        input[key] = lists.includes(key) ? searchParams.getAll(key) : searchParams.get(key);
    const output = await read(useCase, input, actor, clientOf(request.headers));
    return new Response(format.print(output), {
      headers: {
        "content-type": `${format.type}; charset=utf-8`,
        "content-disposition": `attachment; filename="${name}.${wanted}"`,
        "cache-control": "no-store",
      },
    });
  });
}
