import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isInNetwork,
  isSoundAddressList,
  matchAddressList,
  parseAddress,
  parseNetwork,
  printAddress,
  readAddressList,
} from "@/lib/sshd-config/address";

test("addresses are read as the C library reads them", () => {
  const read = (text: string) => {
    const address = parseAddress(text);
    return address && printAddress(address);
  };
  expect(
    ["10.1", "0x7f.1", "010.0.0.1", "2130706433", "2001:DB8::0:1", "::ffff:1.2.3.4", "::"].map(read),
  ).toEqual(["10.0.0.1", "127.0.0.1", "8.0.0.1", "127.0.0.1", "2001:db8::1", "::ffff:1.2.3.4", "::"]);
  for (const text of [
    "",
    "1.2.3.4.5",
    "256.1.1.1",
    "1.2.3.",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    ":1",
    "g::",
    "a.b",
  ]) {
    expect([text, read(text)]).toEqual([text, undefined]);
  }
});

test("what is printed reads back as the same address", () => {
  const bytes = (n: number) => fc.array(fc.integer({ min: 0, max: 255 }), { minLength: n, maxLength: n });
  fc.assert(
    fc.property(fc.oneof(bytes(4), bytes(16)), (b) => {
      const address = { family: b.length === 4 ? (4 as const) : (6 as const), bytes: b };
      expect(parseAddress(printAddress(address))).toEqual(address);
    }),
  );
});

test("host bits and overlong masks are inconsistent, anything else is no network", () => {
  expect(parseNetwork("10.0.0.1/8", 902)).toBe("inconsistent");
  expect(parseNetwork("1.2.3.4/33", 902)).toBe("inconsistent");
  expect(parseNetwork("1.2.3.4/129", 902)).toBe("none");
  expect(parseNetwork("1.2.3.4/129", 909)).toBe("inconsistent");
  expect(parseNetwork("10.*", 902)).toBe("none");
  expect(parseNetwork("2001:db8::/32", 902)).toMatchObject({ bits: 32 });
});

test("families never mix, not even for addresses mapped into IPv6", () => {
  const network = parseNetwork("10.0.0.0/8", 902);
  if (typeof network === "string") throw new Error("10.0.0.0/8 must be a network");
  expect(isInNetwork(parseAddress("10.1.2.3")!, network)).toBe(true);
  expect(isInNetwork(parseAddress("::ffff:10.1.2.3")!, network)).toBe(false);
});

test("a negated item that matches decides at once, and an empty item makes the list invalid", () => {
  expect(matchAddressList("10.1.2.3", "!10.0.0.0/8,*", 902)).toBe(-1);
  expect(matchAddressList("10.1.2.3", "10.*,!10.0.0.0/8", 902)).toBe(-1);
  expect(matchAddressList("192.168.1.1", "10.0.0.0/8,192.168.*", 902)).toBe(1);
  expect(matchAddressList("10.1.2.3", "example.org", 902)).toBe(0);
  expect(matchAddressList("no address", "10.0.0.1/8", 902)).toBe(0);
  expect(matchAddressList("10.1.2.3", "10.0.0.0/9,", 902)).toBe("invalid");
});

test("a list is sound when none of its items is inconsistent", () => {
  for (const sound of [
    "10.0.0.0/8",
    "!10.1.2.3,*.example.org",
    "::1/128,10.0.0.0/08",
    "0.0.0.0/0",
    "010.0.0.0/8",
  ])
    expect(isSoundAddressList(sound, 902), sound).toBe(true);
  for (const refused of [
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0.0/8,",
    "",
    "!",
    "10.1.2.3,!10.255.0.0/9",
    "::1/64",
  ])
    expect(isSoundAddressList(refused, 902), refused).toBe(false);
});

test("whether a list is sound is what reading its items says", () => {
  const part = fc.constantFrom("0", "1", "10", "128", "192", "255", "256", "00", "01", "");
  const mask = fc.constantFrom(
    "",
    "/",
    "/0",
    "/8",
    "/9",
    "/24",
    "/31",
    "/32",
    "/33",
    "/08",
    "/128",
    "/+8",
    "/x",
  );
  const item = fc
    .tuple(fc.constantFrom("", "!"), fc.array(part, { maxLength: 5 }), mask)
    .map(([sign, parts, bits]) => `${sign}${parts.join(".")}${bits}`);
  fc.assert(
    fc.property(fc.array(item, { maxLength: 3 }), fc.constantFrom(802, 902, 1000), (items, release) => {
      const list = items.join(",");
      const isRefused = readAddressList(list, release).some(({ network }) => network === "inconsistent");
      expect(isSoundAddressList(list, release)).toBe(!isRefused);
    }),
    { numRuns: 1000 },
  );
});

test("a sign or a blank in front of the mask counts as this version reads it", () => {
  // As sshd 8.4, 9.2, 10.0 and 10.6 answered to `AllowUsers "alice@255/…"`; refused: the mask was taken, and the address has bits behind it.
  for (const [mask, old, since902, since908] of [
    ["8", false, false, false],
    ["+8", false, true, false],
    [" 8", false, true, false],
    ["-0", false, true, false],
    ["-8", true, true, true],
    ["0+8", true, true, true],
  ] as const) {
    const isSound = [804, 902, 1000, 1006].map((release) => isSoundAddressList(`255/${mask}`, release));
    expect(isSound, mask).toEqual([old, since902, since908, since908]);
  }
});
