import { describe, expect, test } from "vitest";
import { encodeTotpSecret, findTimeStep, groupTotpSecret, totpUri } from "@/lib/otp/totp";

/** RFC 6238, appendix B: the secret is the ASCII text "12345678901234567890". */
const secret = encodeTotpSecret(Buffer.from("12345678901234567890"));

describe("totp", () => {
  // The RFC prints eight digits; six are their last six.
  test.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
  ])("at second %i the RFC's code is right, and tells its step", (second, code) => {
    expect(findTimeStep(secret, code, second, 0)).toBe(Math.floor(second / 30));
  });

  test("a code of the step before or after is right; two steps away it is not", () => {
    expect(findTimeStep(secret, "050471", 1_111_111_111 + 30, 0)).toBe(37037037);
    expect(findTimeStep(secret, "050471", 1_111_111_111 - 30, 0)).toBe(37037037);
    expect(findTimeStep(secret, "050471", 1_111_111_111 + 61, 0)).toBeUndefined();
    expect(findTimeStep(secret, "050471", 1_111_111_111 - 61, 0)).toBeUndefined();
  });

  test("a step that was used is not right again, nor one before it", () => {
    expect(findTimeStep(secret, "050471", 1_111_111_111, 37037036)).toBe(37037037);
    expect(findTimeStep(secret, "050471", 1_111_111_111, 37037037)).toBeUndefined();
    expect(findTimeStep(secret, "050471", 1_111_111_111, 37037038)).toBeUndefined();
  });

  test.each(["", "05047", "0504711", "05047a", " 50471", "０５０４７１", "-50471", "5.0471"])(
    "the malformed code %j is wrong, not an error",
    (code) => {
      expect(findTimeStep(secret, code, 1_111_111_111, 0)).toBeUndefined();
    },
  );

  test("the URI carries issuer, login and secret, and a hostile login cannot add parameters", () => {
    const uri = new URL(totpUri(secret, { issuer: "Gatehouse", login: "a&secret=X#?" }));
    expect(uri.protocol).toBe("otpauth:");
    expect(uri.searchParams.getAll("secret")).toEqual([secret]);
    expect(uri.searchParams.get("issuer")).toBe("Gatehouse");
  });

  test("a secret is shown in groups of four", () => {
    expect(groupTotpSecret("ABCDEFGHIJ")).toBe("ABCD EFGH IJ");
  });
});
