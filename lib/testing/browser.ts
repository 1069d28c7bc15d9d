import type { z } from "zod";
import { env } from "@/lib/env";
import { type Handler, publicRoute, readRoute, route } from "@/lib/http/route";
import type { Command, OpenCommand, Query } from "@/lib/usecase";

/** An answer of the API. */
export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  /** The code of a refusal. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly headers: Headers;
}

interface Sending {
  readonly params?: Record<string, string>;
  /** In place of the ones that a browser sends; null: left out. */
  readonly headers?: Record<string, string | null>;
  /** In place of the input as JSON. */
  readonly rawBody?: string;
}

/** A browser with one of our pages open: it keeps cookies, and sends what browsers send with a page's `fetch`. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly address = "192.0.2.1") {}

  /** Sends an act through the same door as the routes. */
  async send<Input extends z.ZodType, Output, Prepared>(
    useCase: Command<Input, Output, Prepared> | OpenCommand<Input, Output, Prepared>,
    input: unknown = {},
    sending: Sending = {},
  ): Promise<Answer<BodyOf<Output>>> {
    const handler = useCase.kind === "command" ? route(useCase) : publicRoute(useCase);
    return this.call(handler, { method: "POST", body: sending.rawBody ?? JSON.stringify(input) }, sending);
  }

  /** Reads a query. */
  async read<Input extends z.ZodType, Output>(
    useCase: Query<Input, Output>,
    params: Record<string, string> = {},
  ): Promise<Answer<Output>> {
    return this.call(readRoute(useCase), { method: "GET" }, { params });
  }

  /** Calls a route's handler. */
  async call<Body>(handler: Handler, init: RequestInit, { params, headers = {} }: Sending = {}) {
    const response = await this.fetch(handler, init, { params, headers });
    const text = await response.text();
    const body = text === "" ? {} : JSON.parse(text);
    return {
      status: response.status,
      body: body as Body,
      code: body?.error?.code as string | undefined,
      message: body?.error?.message as string | undefined,
      headers: response.headers,
    };
  }

  /** The same, unread: for streams. */
  async fetch(handler: Handler, init: RequestInit & { path?: string }, { params, headers = {} }: Sending) {
    const { origin } = env();
    const all: Record<string, string | null> = {
      origin,
      "sec-fetch-site": "same-origin",
      "content-type": "application/json",
      "user-agent": "Test browser",
      "x-gatehouse-client-address": this.address,
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...headers,
    };
    const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
    const request = new Request(`${origin}${init.path ?? "/api/v1/test"}`, { ...init, headers: sent });
    const response = await handler(request, { params: Promise.resolve(params) });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  /** Another browser with the same cookies: what a thief has. */
  clone(): Browser {
    const copy = new Browser(this.address);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }

  private keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** What of an output reaches the browser: a session's token does not. */
type BodyOf<Output> = Output extends { readonly body: infer Body; readonly session: unknown } ? Body : Output;
