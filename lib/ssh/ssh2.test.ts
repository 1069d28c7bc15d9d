import { randomBytes } from "node:crypto";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerConfig } from "ssh2";
import { afterEach, describe, expect, test } from "vitest";
import { printEd25519PrivateKey } from "@/lib/openssh-keys/private-key";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { Secret } from "@/lib/secrets/secret";
import type { SshAuth } from "@/lib/ssh/authenticate";
import type { SshError } from "@/lib/ssh/errors";
import { generateManagementKey, type ManagementKey } from "@/lib/ssh/keys";
import { connect, lookAtHostKeys, type Pin } from "@/lib/ssh/ssh2";

// What a hostile or broken other side does to us; real sshd is asked in the lab tests.

const hostKey = generateManagementKey("host");
const otherKey = generateManagementKey("other host");
const ours = generateManagementKey("gatehouse:test");
const password = new Secret("never to be seen");
const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const pinOf = ({ publicKey }: ManagementKey): Pin => parsePublicKey(publicKey) ?? expect.fail("no key");

async function listen(server: net.Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(server);
  return (server.address() as AddressInfo).port;
}

/** An SSH server that notes every attempt to authenticate. */
async function serve(
  onAuthentication: (context: AuthContext) => void,
  onReady: (client: Connection) => void = () => {},
  hostKeys: ServerConfig["hostKeys"] = [hostKey.privateKey.reveal()],
): Promise<{ port: number; attempts: AuthContext["method"][] }> {
  const attempts: AuthContext["method"][] = [];
  const server = new ssh2.Server({ hostKeys }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => {
      attempts.push(context.method);
      onAuthentication(context);
    });
    client.on("ready", () => onReady(client));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(server);
  return { port: (server.address() as AddressInfo).port, attempts };
}

const accept = (context: AuthContext) => context.accept();

function reach(
  port: number,
  more: { auth?: SshAuth; pins?: Pin[]; timeoutSeconds?: number; signal?: AbortSignal } = {},
) {
  return connect({
    address: "127.0.0.1",
    port,
    username: "root",
    auth: { kind: "password", password },
    pins: [pinOf(hostKey)],
    timeoutSeconds: 5,
    ...more,
  });
}

const failure = (kind: SshError["failure"]) => expect.objectContaining({ name: "SshError", failure: kind });

describe("the pin", () => {
  test("another host key: nothing is sent, and the offered key is kept as evidence", async () => {
    const { port, attempts } = await serve(accept);
    const error = await reach(port, { pins: [pinOf(otherKey)] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: "host-key-changed" });
    expect((error as SshError).offered?.blob).toEqual(Buffer.from(pinOf(hostKey).blob));
    expect(attempts).toEqual([]);
  });

  test("the right public key without its private half: nothing is sent", async () => {
    // A private key file that claims the pinned public key and holds another seed.
    const pinnedBytes = pinOf(hostKey).blob.slice(-32);
    const forged = printEd25519PrivateKey(randomBytes(32), pinnedBytes, "forged", 1);
    const { port, attempts } = await serve(accept, undefined, [forged]);
    expect((await lookAtHostKeys("127.0.0.1", port))[0]?.blob).toEqual(Buffer.from(pinOf(hostKey).blob));
    await expect(reach(port)).rejects.toEqual(failure("handshake-failed"));
    expect(attempts).toEqual([]);
  });

  test("no key of a pinned type: nothing is sent", async () => {
    const rsa = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
    const { port, attempts } = await serve(accept, undefined, [rsa.private]);
    await expect(reach(port)).rejects.toEqual(failure("host-key-changed"));
    expect(attempts).toEqual([]);
  });

  test("one of several pins is enough", async () => {
    const { port } = await serve(accept);
    const connection = await reach(port, { pins: [pinOf(otherKey), pinOf(hostKey)] });
    connection.end();
  });

  test("no pin at all is refused before a connection is opened", async () => {
    await expect(reach(1, { pins: [] })).rejects.toEqual(failure("host-key-unsupported"));
  });

  test("looking at host keys shows each type and sends no credential", async () => {
    const rsa = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
    const { port, attempts } = await serve(accept, undefined, [hostKey.privateKey.reveal(), rsa.private]);
    const keys = await lookAtHostKeys("127.0.0.1", port);
    expect(keys.map((key) => key.type)).toEqual(["ssh-ed25519", "ssh-rsa"]);
    expect(keys[0]?.blob).toEqual(Buffer.from(pinOf(hostKey).blob));
    expect(attempts).toEqual([]);
  });
});

describe("each failure has its name", () => {
  test("nothing listens", async () => {
    const port = await listen(net.createServer());
    open.splice(0).forEach((server) => void server.close());
    await expect(reach(port)).rejects.toEqual(failure("refused"));
  });

  test("a name without an address", async () => {
    const options = {
      username: "root",
      auth: { kind: "password", password } as const,
      pins: [pinOf(hostKey)],
    };
    const error = connect({ ...options, address: "no-such-host.invalid", port: 22, timeoutSeconds: 20 });
    await expect(error).rejects.toEqual(failure("unreachable"));
  });

  test("silence", async () => {
    const port = await listen(net.createServer((socket) => socket.on("error", () => {})));
    await expect(reach(port, { timeoutSeconds: 0.3 })).rejects.toEqual(failure("timed-out"));
  });

  test("closed before a banner, with the hint at penalties", async () => {
    const port = await listen(net.createServer((socket) => socket.end()));
    await expect(reach(port)).rejects.toEqual(failure("cut-before-banner"));
    const reset = await listen(net.createServer((socket) => void socket.resetAndDestroy()));
    await expect(reach(reset)).rejects.toMatchObject({
      message: expect.stringContaining("PerSourcePenalties"),
    });
  });

  test("another protocol", async () => {
    const port = await listen(
      net.createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    await expect(reach(port)).rejects.toMatchObject({ name: "SshError" });
  });

  test("an endless banner ends at the deadline", async () => {
    const port = await listen(
      net.createServer((socket) => {
        socket.on("error", () => {});
        const pour = setInterval(() => socket.write("x".repeat(1000)), 1);
        socket.on("close", () => clearInterval(pour));
      }),
    );
    await expect(reach(port, { timeoutSeconds: 1 })).rejects.toMatchObject({ name: "SshError" });
  });

  test("a refused login", async () => {
    const { port } = await serve((context) => context.reject(["password"]));
    await expect(reach(port)).rejects.toEqual(failure("authentication-refused"));
  });

  test("a further factor", async () => {
    const { port } = await serve((context) => context.reject(["password"], context.method === "password"));
    await expect(reach(port)).rejects.toMatchObject({ message: expect.stringContaining("further factor") });
  });

  test("a worker that stops", async () => {
    const port = await listen(net.createServer((socket) => socket.on("error", () => {})));
    const stopping = new AbortController();
    const attempt = reach(port, { signal: stopping.signal });
    stopping.abort();
    await expect(attempt).rejects.toEqual(failure("connection-lost"));
  });
});

describe("credentials", () => {
  test("a key logs in, and a password is never offered with it", async () => {
    const { port, attempts } = await serve(accept);
    (await reach(port, { auth: { kind: "key", privateKey: ours.privateKey } })).end();
    expect(new Set(attempts)).toEqual(new Set(["publickey"]));
  });

  test("a password is not sent to a host that takes only keys", async () => {
    const { port, attempts } = await serve((context) => context.reject(["publickey"]));
    await expect(reach(port)).rejects.toEqual(failure("authentication-refused"));
    expect(attempts).toEqual(["none"]);
  });

  test("a password answers one hidden question of keyboard-interactive", async () => {
    let answered: string[] = [];
    const { port } = await serve((context) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      context.prompt([{ prompt: "Password: ", echo: false }], (answers) => {
        answered = answers;
        context.accept();
      });
    });
    (await reach(port)).end();
    expect(answered).toEqual([password.reveal()]);
  });

  test.each([
    [
      "two questions",
      [
        { prompt: "Password: ", echo: false },
        { prompt: "Code: ", echo: false },
      ],
    ],
    ["a question whose answer would be shown", [{ prompt: "Password: ", echo: true }]],
  ])("%s get no password", async (_, prompts) => {
    let answered: string[] = ["?"];
    const { port } = await serve((context) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      context.prompt(prompts, (answers) => {
        answered = answers;
        context.reject(["keyboard-interactive"]);
      });
    });
    await expect(reach(port)).rejects.toEqual(failure("authentication-refused"));
    expect(answered.join("")).toBe("");
  });

  test.each([
    ["no key at all", "hello", undefined, "cannot"],
    ["a public key", generateManagementKey("x").publicKey, undefined, "public key"],
  ])("%s is refused before a connection is opened", async (_, text, passphrase, words) => {
    const auth: SshAuth = { kind: "key", privateKey: new Secret(text), passphrase };
    const error = await reach(1, { auth }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: "bad-credential" });
    expect(String(error)).toMatch(words === "cannot" ? /no private key/ : /public key/);
  });
});

describe("a command", () => {
  const withCommand = (run: (channel: ssh2.ServerChannel) => void) =>
    serve(accept, (client) => {
      client.on("session", (acceptSession) => {
        acceptSession().on("exec", (acceptExec) => run(acceptExec()));
      });
    });
  const limits = { maxBytes: 1_000_000, timeoutSeconds: 5 };

  test("gives code, output and errors", async () => {
    const { port } = await withCommand((channel) => {
      channel.write("out");
      channel.stderr.write("err");
      channel.exit(3);
      channel.end();
    });
    const connection = await reach(port);
    const result = await connection.exec("x", limits);
    connection.end();
    expect([result.code, result.stdout.toString(), result.stderr.toString()]).toEqual([3, "out", "err"]);
  });

  test("with endless output is cut at the cap, and memory stays bounded", async () => {
    let sent = 0;
    const { port } = await withCommand((channel) => {
      const chunk = Buffer.alloc(64 * 1024, "y");
      const pour = () => {
        while (!channel.destroyed && channel.write(chunk)) sent += chunk.length;
        if (!channel.destroyed) channel.once("drain", pour);
      };
      pour();
    });
    const connection = await reach(port);
    const before = process.memoryUsage().rss;
    await expect(connection.exec("x", limits)).rejects.toEqual(failure("too-much-output"));
    expect(sent).toBeLessThan(20_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    await expect(connection.exec("x", limits)).rejects.toEqual(failure("connection-lost"));
  });

  test("whose answer is whole need not end", async () => {
    const { port } = await withCommand((channel) => void channel.write("whole"));
    const connection = await reach(port);
    const chunks: Buffer[] = [];
    const result = await connection.exec("x", {
      ...limits,
      onData: (chunk) => void chunks.push(chunk),
      isWhole: () => Buffer.concat(chunks).toString() === "whole",
    });
    connection.end();
    expect([result.code, Buffer.concat(chunks).toString()]).toEqual([null, "whole"]);
  });

  test("that never ends is cut at its deadline", async () => {
    const { port } = await withCommand(() => {});
    const connection = await reach(port);
    await expect(connection.exec("x", { ...limits, timeoutSeconds: 0.3 })).rejects.toEqual(
      failure("timed-out"),
    );
  });

  test("whose channel is refused", async () => {
    const { port } = await serve(accept, (client) => client.on("session", (_, reject) => void reject()));
    const connection = await reach(port);
    await expect(connection.exec("x", limits)).rejects.toEqual(failure("channel-refused"));
    connection.end();
  });

  test("whose connection breaks in the middle", async () => {
    let drop = () => {};
    const { port } = await serve(accept, (client) => {
      drop = () => client.end();
      client.on("session", (acceptSession) => {
        acceptSession().on("exec", (acceptExec) => {
          acceptExec().write("half");
          drop();
        });
      });
    });
    const connection = await reach(port);
    await expect(connection.exec("x", limits)).rejects.toEqual(failure("connection-lost"));
  });
});
