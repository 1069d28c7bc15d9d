import { expect, test } from "vitest";
import { fullVersion, hostAddress, shortSystem, shortVersion } from "./host-words";

test("a version is cut to what tells builds apart", () => {
  expect(shortVersion("OpenSSH_9.2p1 Debian-2+deb12u3")).toBe("9.2p1");
  expect(shortVersion("dropbear_2022.83")).toBe("dropbear_2022.83");
});

test("an address is written as ssh takes it", () => {
  expect(hostAddress({ address: "10.0.0.1", port: 22 })).toBe("10.0.0.1");
  expect(hostAddress({ address: "web.example", port: 2222 })).toBe("web.example:2222");
  expect(hostAddress({ address: "2001:db8::1", port: 2222 })).toBe("[2001:db8::1]:2222");
});

test("a system is named as people name it", () => {
  expect(shortSystem("Debian GNU/Linux 12 (bookworm)")).toBe("Debian 12");
  expect(shortSystem("Ubuntu 24.04.1 LTS")).toBe("Ubuntu 24.04.1 LTS");
});

test("the whole version is spelled as the short one is", () => {
  expect(fullVersion("OpenSSH_9.2p1 Debian-2+deb12u3")).toBe("9.2p1 Debian-2+deb12u3");
  expect(fullVersion("dropbear")).toBe("dropbear");
});
