import { createServer, type Server } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchText, internet, mostBytes, type Network } from "@/lib/key-import/fetch-text";
import { type KeyProvider, startKeyProvider } from "@/lib/testing/key-provider";

let provider: KeyProvider;
/** Whoever is tricked into talking to this machine is heard here. */
let inside: Server;
let insidePort = 0;
let hits = 0;

beforeAll(async () => {
  provider = await startKeyProvider();
  inside = createServer((socket) => {
    hits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => inside.listen(0, "::", resolve));
  const bound = inside.address();
  insidePort = bound !== null && typeof bound === "object" ? bound.port : 0;
});
afterAll(async () => {
  await provider.stop();
  await new Promise<void>((resolve) => inside.close(() => resolve()));
});
// The five seconds pass when a test says so, however busy the machine is.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());
beforeEach(() => {
  provider.asked.length = 0;
  hits = 0;
});

const never = new AbortController().signal;
const get = (url: string, network: Network = provider.network) => fetchText(new URL(url), never, network);

test("what stands at an address comes as text, and the server is asked by its name", async () => {
  provider.serve("github.com/alice.keys", "ssh-ed25519 AAAA\n");
  expect(await get("https://github.com/alice.keys")).toBe("ssh-ed25519 AAAA\n");
  expect(provider.asked).toEqual(["github.com/alice.keys"]);
});

test("an address that cannot be reached is passed over, as IPv6 where there is none", async () => {
  provider.serve("github.com/alice.keys", "ssh-ed25519 AAAA\n");
  const dialled: string[] = [];
  const network: Network = {
    ...provider.network,
    resolve: async () => ["2606:4700::1", "1.1.1.1"],
    dial: (address, port) => {
      dialled.push(address);
      // Port 1 of this machine refuses, as a missing way would.
      return address === "1.1.1.1" ? provider.network.dial(address, port) : internet.dial("127.0.0.1", 1);
    },
  };
  expect(await get("https://github.com/alice.keys", network)).toBe("ssh-ed25519 AAAA\n");
  expect(dialled).toEqual(["2606:4700::1", "1.1.1.1"]);
});

describe("an answer is refused", () => {
  const cases: [string, Parameters<KeyProvider["serve"]>[1], RegExp][] = [
    [
      "that leads elsewhere",
      (_, response) => response.writeHead(302, { location: `https://127.0.0.1:${insidePort}/` }).end(),
      /elsewhere/,
    ],
    [
      "that leads to the same server",
      (_, response) => response.writeHead(301, { location: "/alice.keys" }).end(),
      /elsewhere/,
    ],
    ["of an error", (_, response) => response.writeHead(500).end(), /answered 500/],
    ["of no content", (_, response) => response.writeHead(204).end(), /answered 204/],
    ["that asks for patience", (_, response) => response.writeHead(429).end(), /less often/],
    [
      "that is a page",
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
      /page for people/,
    ],
    [
      "that is packed",
      (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("x"),
      /encoding/,
    ],
    ["that is too long", "x".repeat(mostBytes + 1), /more than 64 KiB/],
    [
      "without end",
      (_, response) => {
        response.writeHead(200);
        const write = () => void (!response.destroyed && response.write("x".repeat(16_384), write));
        write();
      },
      /more than 64 KiB/,
    ],
    [
      "that breaks off",
      (_, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("ssh-ed25519", () => response.destroy());
      },
      /broke (the connection )?off/,
    ],
    [
      "with endless headers",
      (_, response) => response.writeHead(200, { "x-a": "x".repeat(20_000) }).end(),
      /failed|no HTTP/,
    ],
    [
      "of another protocol",
      (_, response) => response.writeHead(101, { upgrade: "x", connection: "upgrade" }).end(),
      /no file|answered 101|broke/,
    ],
  ];
  test.each(cases)("%s", async (_, answer, reason) => {
    provider.serve("keys.example.org/hostile", answer);
    await expect(get("https://keys.example.org/hostile")).rejects.toThrow(reason);
    expect(provider.asked).toEqual(["keys.example.org/hostile"]);
    expect(hits).toBe(0);
  });

  test("that never comes", async () => {
    const asked = new Promise<void>((resolve) => provider.serve("keys.example.org/silent", () => resolve()));
    const refused = expect(get("https://keys.example.org/silent")).rejects.toThrow(/within 5 seconds/);
    await asked;
    await vi.advanceTimersByTimeAsync(5000);
    await refused;
  });

  test("of nobody", async () => {
    await expect(get("https://github.com/nobody.keys")).rejects.toThrow(/knows nobody/);
  });
});

test("64 KiB to the byte are taken", async () => {
  provider.serve("github.com/many.keys", "x".repeat(mostBytes));
  expect((await get("https://github.com/many.keys")).length).toBe(mostBytes);
});

describe("a server is refused", () => {
  test("that has no certificate for the name", async () => {
    provider.serve("evil.example/", "x");
    await expect(get("https://evil.example/")).rejects.toThrow(/cannot prove its name/);
    expect(provider.asked).toEqual([]);
  });

  test("whose certificate nobody vouches for", async () => {
    const { authorities: _, ...network } = provider.network;
    await expect(get("https://github.com/alice.keys", network)).rejects.toThrow(/cannot prove its name/);
    expect(provider.asked).toEqual([]);
  });

  test("of http, before anything is asked", async () => {
    await expect(get(`http://127.0.0.1:${insidePort}/`, internet)).rejects.toThrow(/not https/);
    expect(hits).toBe(0);
  });
});

describe("nobody inside is reached", () => {
  /** The real way out, with another resolver: only what is dialled counts. */
  const resolvingTo = (...answers: string[][]) => {
    const asked: string[] = [];
    const dialled: string[] = [];
    const network: Network = {
      resolve: async (name) => {
        asked.push(name);
        return answers[Math.min(asked.length, answers.length) - 1] ?? [];
      },
      dial: (address, port) => {
        dialled.push(address);
        return internet.dial(address, port);
      },
    };
    return { network, asked, dialled };
  };
  const url = () => `https://keys.example.org:${insidePort}/`;

  test.each([
    [["127.0.0.1"]],
    [["127.8.8.8"]],
    [["::1"]],
    [["::ffff:127.0.0.1"]],
    [["0.0.0.0"]],
    [["::"]],
    [["169.254.169.254"]],
    [["10.0.0.1"]],
    [["100.64.0.1"]],
    [["64:ff9b::7f00:1"]],
    [["2002:7f00:1::"]],
    [["1.1.1.1", "127.0.0.1"]],
    [["127.0.0.1", "1.1.1.1"]],
    [["localhost"]],
    [["127.1"]],
    [[]],
  ])("by a name that resolves to %j", async (addresses) => {
    const { network, dialled } = resolvingTo(addresses);
    await expect(get(url(), network)).rejects.toThrow(/was not asked|has no address/);
    expect(dialled).toEqual([]);
    expect(hits).toBe(0);
  });

  test.each([
    "https://127.0.0.1",
    "https://[::1]",
    "https://localhost",
    "https://[::ffff:127.0.0.1]",
    "https://0",
    "https://127.1",
  ])("by %s with the system's own resolver", async (origin) => {
    await expect(get(`${origin}:${insidePort}/`, internet)).rejects.toThrow(
      /was not asked|nobody knows|could not/,
    );
    expect(hits).toBe(0);
  });

  test("by a name that changes its mind: it is resolved once, and the checked address is dialled", async () => {
    const { network, asked } = resolvingTo(["1.1.1.1"], ["127.0.0.1"]);
    const dialled: string[] = [];
    const dial: Network["dial"] = (address, port) => {
      dialled.push(`${address}:${port}`);
      return provider.network.dial(address, port);
    };
    await expect(get(url(), { ...network, dial })).rejects.toThrow(/cannot prove/);
    expect(asked).toEqual(["keys.example.org"]);
    expect(dialled).toEqual([`1.1.1.1:${insidePort}`]);
    expect(hits).toBe(0);
  });
});

test("a resolver that never answers holds nobody up, and whoever asked may stop waiting", async () => {
  const controller = new AbortController();
  const network: Network = { ...provider.network, resolve: () => new Promise(() => {}) };
  const waiting = fetchText(new URL("https://github.com/alice.keys"), controller.signal, network);
  controller.abort();
  await expect(waiting).rejects.toThrow(/could not be read/);
  const refused = expect(get("https://github.com/alice.keys", network)).rejects.toThrow(/within 5 seconds/);
  await vi.advanceTimersByTimeAsync(5000);
  await refused;
});
