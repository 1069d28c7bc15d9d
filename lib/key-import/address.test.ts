import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refuseAddress } from "@/lib/key-import/address";

describe("an address is refused", () => {
  test.each([
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:1.1.1.1",
    "0:0:0:0:0:ffff:0a00:0001",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::a00:1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
  ])("%s", (address) => {
    expect(refuseAddress(address)).toMatch(/no address of the public Internet|is no address/);
  });

  test.each([
    "",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "1.1.1.01",
    "1.1.1.1.",
    " 1.1.1.1",
    "1.1.1.1\n",
    "[2606:4700::1]",
    "2606:4700::1%1",
    "2606:4700:::1",
    "2606::4700::1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "2606:4700::12345",
    "2606:4700:1.1.1.1::",
    "2606:4700:1:2:3:4:5:1.1.1.1",
    "１.1.1.1",
  ])("that is none: %j", (address) => {
    expect(refuseAddress(address)).toMatch(/is no address$/);
  });
});

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "140.82.121.4",
  "172.15.255.255",
  "172.32.0.0",
  "192.169.0.0",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:80b::200e",
  "2001:4860:4860::8888",
  "2001:200::1",
  "2003::1",
])("%s is of the public Internet", (address) => {
  expect(refuseAddress(address)).toBeUndefined();
});

test("every IPv4 address is judged as Node's own lists judge it", () => {
  const list = new BlockList();
  for (const range of [
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
    "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15",
    "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
  ].flatMap((line) => line.split(" "))) {
    const [base = "", bits] = range.split("/");
    list.addSubnet(base, Number(bits), "ipv4");
  }
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(refuseAddress(address) !== undefined).toBe(list.check(address, "ipv4"));
    }),
    { numRuns: 5000 },
  );
});

test("every IPv6 address in every spelling is judged as Node's own lists judge it", () => {
  const allowed = new BlockList();
  allowed.addSubnet("2000::", 3, "ipv6");
  const refused = new BlockList();
  for (const [base, bits] of [
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["2620:4f:8000::", 48],
    ["3fff::", 20],
  ] as const)
    refused.addSubnet(base, bits, "ipv6");
  const near = fc
    .tuple(
      fc.constantFrom("2001", "2002", "2000", "3fff", "2620:4f:8000", "64:ff9b", "fe80", "2001:db8"),
      fc.ipV6(),
    )
    .map(([head, tail]) => `${head}${tail.startsWith(":") ? tail.slice(1) : `:${tail}`}`);
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), near), (address) => {
      const isSixteenBytes = URL.canParse(`http://[${address}]/`);
      const isAllowed = isSixteenBytes && allowed.check(address, "ipv6") && !refused.check(address, "ipv6");
      expect(refuseAddress(address) === undefined).toBe(isAllowed);
    }),
    { numRuns: 5000 },
  );
});
