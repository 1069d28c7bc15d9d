import type { z } from "zod";
import { now } from "@/lib/clock";
import { AppError } from "@/lib/errors";
import { requireActor } from "@/lib/http/actor";
import { checkWrite } from "@/lib/http/check-write";
import { clientOf } from "@/lib/http/client";
import { bodyBytes, readBody } from "@/lib/http/read-body";
import { respond, respondToError } from "@/lib/http/respond";
import { SessionAnswer } from "@/lib/session/answer";
import { readCookie, sessionCookie, visitCookie } from "@/lib/session/cookie";
import { hashToken, makeToken } from "@/lib/session/token";
import {
  act,
  actOpenly,
  type Command,
  type OpenCommand,
  type Query,
  read,
  type Visitor,
} from "@/lib/usecase";

/** What Next calls: the request, and the parameters of its path. */
export type Handler = (
  request: Request,
  context: { params: Promise<Record<string, string | string[] | undefined> | undefined> },
) => Promise<Response>;

interface Options {
  /** Bytes of the body at most. */
  readonly maxBytes?: number;
}

/**
 * The door to a command: cookie session, cross-site check, JSON body with the path's parameters merged in, the use case,
 * its answer as JSON.
 */
export function route<Input extends z.ZodType, Output, Prepared>(
  useCase: Command<Input, Output, Prepared>,
  { maxBytes = bodyBytes }: Options = {},
): Handler {
  return answering(async (request, params) => {
    checkWrite(request.headers);
    const actor = await requireActor(readCookie(request.headers.get("cookie"), "session"));
    const input = merge(await readBody(request, maxBytes), params);
    return answer(await act(useCase, input, actor, clientOf(request.headers)));
  });
}

/** The door to an open command: the same without a session. What is begun here is bound to the browser by a cookie. */
export function publicRoute<Input extends z.ZodType, Output, Prepared>(
  useCase: OpenCommand<Input, Output, Prepared>,
  { maxBytes = bodyBytes }: Options = {},
): Handler {
  return answering(async (request, params) => {
    checkWrite(request.headers);
    const { visitor, setCookie } = visitOf(request);
    const input = merge(await readBody(request, maxBytes), params);
    return answer(await actOpenly(useCase, input, visitor, clientOf(request.headers)), setCookie);
  });
}

/** The door to a query, for what is no page: the input stands in the URL's query and path. */
export function readRoute<Input extends z.ZodType, Output>(useCase: Query<Input, Output>): Handler {
  return answering(async (request, params) => {
    const actor = await requireActor(readCookie(request.headers.get("cookie"), "session"));
    const input = merge(queryOf(request), params);
    return answer(await read(useCase, input, actor, clientOf(request.headers)));
  });
}

/** A handler whose errors become answers. */
export function answering(
  handle: (request: Request, params: Record<string, string>) => Promise<Response>,
): Handler {
  return async (request, { params }) => {
    try {
      return await handle(request, textParams(await params));
    } catch (error) {
      return respondToError(error, request);
    }
  };
}

function answer(output: unknown, setCookies: readonly string[] = []): Response {
  if (!(output instanceof SessionAnswer)) return respond(output, setCookies);
  return respond(output.body, [...setCookies, sessionCookie(output.session, now())]);
}

/** The path's parameters are part of the input. A body that says otherwise means a mistake, so it is no winner. */
function merge(body: Record<string, unknown>, params: Record<string, string>): Record<string, unknown> {
  for (const [name, value] of Object.entries(params))
    if (Object.hasOwn(body, name) && body[name] !== value)
      throw new AppError("invalid", `${name}: differs from the one in the address.`, {
        fields: { [name]: "Differs from the one in the address." },
      });
  return { ...body, ...params };
}

/** Next gives undefined where the path has no parameters. */
function textParams(
  params: Record<string, string | string[] | undefined> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params ?? {}).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

/** A name that stands once is text, one that stands several times is a list. */
function queryOf(request: Request): Record<string, unknown> {
  const { searchParams } = new URL(request.url);
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

/** The visit of this browser; a new one brings its cookie. Only the value's hash is ever stored. */
function visitOf(request: Request): { visitor: Visitor; setCookie: string[] } {
  const known = readCookie(request.headers.get("cookie"), "visit");
  if (known) return { visitor: { visitId: hashToken(known).toString("hex") }, setCookie: [] };
  const { token, hash } = makeToken();
  return { visitor: { visitId: hash.toString("hex") }, setCookie: [visitCookie(token.reveal())] };
}
