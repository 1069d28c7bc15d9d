import { forbidden, notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { z } from "zod";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { findActor } from "@/lib/http/actor";
import { clientOf } from "@/lib/http/client";
import { pageHeaders, pageToken } from "@/lib/session/cookies";
import { type Query, read } from "@/lib/usecase";

/** Written by proxy.ts, so that a person lands where he wanted to go. */
const pathHeader = "x-gatehouse-path";

/** One look at the session per request, however many queries a page makes. */
const pageActor = cache(async () => findActor(await pageToken()));

/** Two parts of a page that ask the same get one answer. Keyed by text, because inputs are made anew each time. */
const readOnce = cache(<Input extends z.ZodType, Output>(useCase: Query<Input, Output>, inputJson: string) =>
  gated(useCase, JSON.parse(inputJson)),
);

/**
 * What a page shows: a query, behind the page's gate.
 *
 * Nobody signed in → the sign-in page (set-up, while nobody owns this installation); `not_found` → the page "not found";
 * `forbidden` → the page "forbidden". Anything else is thrown, for the error page.
 *
 * @param input plain JSON
 */
export function load<Input extends z.ZodType, Output>(
  useCase: Query<Input, Output>,
  input: unknown,
): Promise<Output> {
  return readOnce(useCase, JSON.stringify(input ?? {})) as Promise<Output>;
}

async function gated(useCase: Query, input: unknown): Promise<unknown> {
  const headers = await pageHeaders();
  const actor = await pageActor();
  if (!actor) return redirect(await signInPath(headers.get(pathHeader)));
  try {
    return await read(useCase, input, actor, clientOf(headers));
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return notFound();
    if (error instanceof AppError && error.code === "forbidden") return forbidden();
    throw error;
  }
}

async function signInPath(wanted: string | null): Promise<string> {
  const installation = await prisma().installation.findUnique({ where: { id: 1 } });
  if (!installation?.setUpAt) return "/set-up";
  return wanted && wanted !== "/" ? `/sign-in?next=${encodeURIComponent(wanted)}` : "/sign-in";
}
