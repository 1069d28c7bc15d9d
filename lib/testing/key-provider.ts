import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { connect } from "node:net";
import type { Network } from "@/lib/key-import/fetch-text";
import { makeSelfSigned } from "@/lib/testing/self-signed";

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** Servers of all providers in one, on loopback. */
export interface KeyProvider {
  /** Leads every name to it, under a public address; TLS and the checks of addresses are the real ones. */
  readonly network: Network;
  readonly port: number;
  /** "github.com/alice.keys", in order. */
  readonly asked: string[];
  /** Connections, whatever came over them. */
  connections: number;
  /** What stands at "github.com/alice.keys"; everything else is 404. */
  serve(place: string, answer: string | Respond): void;
  stop(): Promise<void>;
}

/** As of one.one.one.one: only that it is public counts, nobody dials it. */
const publicAddress = "1.1.1.1";

/** Starts it. The certificate is for the providers and for keys.example.org. */
export async function startKeyProvider(): Promise<KeyProvider> {
  const { certificate, privateKey } = makeSelfSigned([
    "launchpad.net",
    "github.com",
    "gitlab.com",
    "keys.example.org",
  ]);
  const places = new Map<string, string | Respond>();
  const asked: string[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const place = `${request.headers.host}${request.url}`;
    asked.push(place);
    const answer = places.get(place);
    if (answer === undefined) response.writeHead(404).end("Not Found");
    else if (typeof answer === "function") answer(request, response);
    else response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  const { port } = bound;
  const provider: KeyProvider = {
    port,
    asked,
    connections: 0,
    network: {
      resolve: async () => [publicAddress],
      dial: () => connect({ host: "127.0.0.1", port }),
      authorities: certificate,
    },
    serve: (place, answer) => void places.set(place, answer),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on("connection", () => {
    provider.connections += 1;
  });
  return provider;
}
