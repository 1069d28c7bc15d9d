import path from "node:path";
import { describe, expect, test } from "vitest";
import { clientAddress } from "./client-address.mjs";
import { explainListen } from "./port.mjs";
import { readSettings } from "./settings.mjs";

describe("readSettings", () => {
  test("the data folder follows the XDG base directories", () => {
    expect(readSettings({ XDG_DATA_HOME: "/srv/xdg" }).dataFolder).toBe("/srv/xdg/gatehouse");
    expect(readSettings({ XDG_DATA_HOME: "/srv/xdg", GATEHOUSE_DATA: "/var/lib/gatehouse" }).dataFolder).toBe(
      "/var/lib/gatehouse",
    );
  });
  test.each([".", "data", "lib/db"])("refuses a data folder inside the source tree: %s", (place) => {
    const folder = path.resolve(import.meta.dirname, "../..", place);
    expect(() => readSettings({ GATEHOUSE_DATA: folder })).toThrow(/inside the program's own folder/);
  });
  test.each(["0", "65536", "http", "80.5"])("refuses PORT=%s", (port) => {
    expect(() => readSettings({ PORT: port })).toThrow(/PORT must be a number from 1 to 65535/);
  });
});

describe("explainListen", () => {
  test.each([
    ["EADDRINUSE", /taken by another program.*PORT=3001/],
    ["EACCES", /more rights/],
    ["EADDRNOTAVAIL", /has no address/],
  ])("%s says what to do", (code, message) => {
    expect(explainListen(code, "10.0.0.1", 3000).message).toMatch(message);
  });
});

describe("clientAddress", () => {
  test("is the socket's peer, whatever the client claims", () => {
    expect(clientAddress("203.0.113.9", "198.51.100.1", 0)).toBe("203.0.113.9");
  });
  test("behind one proxy, is what that proxy saw, not what the client wrote before it", () => {
    expect(clientAddress("127.0.0.1", "6.6.6.6, 203.0.113.9", 1)).toBe("203.0.113.9");
  });
  test("behind two proxies, is what the outer one saw", () => {
    expect(clientAddress("127.0.0.1", ["6.6.6.6, 203.0.113.9", "10.0.0.2"], 2)).toBe("203.0.113.9");
  });
  test("a request that went round the proxy is its peer's", () => {
    expect(clientAddress("10.0.0.7", undefined, 1)).toBe("10.0.0.7");
  });
  test("IPv4 on an IPv6 socket is IPv4", () => {
    expect(clientAddress("::ffff:203.0.113.9", undefined, 0)).toBe("203.0.113.9");
  });
});
