import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { frontDoor } from "./front-door.mjs";

let server: Server;
let seen: (string | string[] | undefined)[];

beforeEach(async () => {
  seen = [];
  const door = frontDoor((incoming, response) => {
    seen.push(incoming.headers["x-gatehouse-client-address"]);
    response.end("answered");
  }, 0);
  server = createServer(door);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => server.close());

function ask(method: string, headers: Record<string, string>): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode));
    });
    asked.once("error", reject).end();
  });
}

test.each(["POST", "GET", "PUT"])(
  "a Server Action by %s does not reach Next, whatever its header says",
  async (method) => {
    expect(await ask(method, { "next-action": "" })).toBe(400);
    expect(await ask(method, { "Next-Action": "7f0c" })).toBe(400);
    expect(seen).toEqual([]);
  },
);

test("everything else does, with the address of its socket in place of what the client claimed", async () => {
  expect(await ask("GET", { "x-gatehouse-client-address": "6.6.6.6", "x-forwarded-for": "6.6.6.6" })).toBe(
    200,
  );
  expect(seen).toEqual(["127.0.0.1"]);
});
