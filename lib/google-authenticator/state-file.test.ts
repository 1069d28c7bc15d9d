import { describe, expect, test } from "vitest";
import { replaceScratchCodes, setCounter } from "@/lib/google-authenticator/edit-state-file";
import { isScratchCode, printNewStateFile, scratchCodeOf } from "@/lib/google-authenticator/new-state-file";
import { parseStateFile, printStateFile, summarizeStateFile } from "@/lib/google-authenticator/state-file";

/** As google-authenticator 20191231 wrote it, and the module after some logins. */
const totp = `ATHMAC5Z4LANR546XGZECZ4ZJA
" RATE_LIMIT 3 30 1795388967 1795388970
" WINDOW_SIZE 17
" DISALLOW_REUSE 59846298 59846299
" TOTP_AUTH
69000714
12345678
`;
const hotp = 'ATHMAC5Z4LANR546XGZECZ4ZJA\n" HOTP_COUNTER 5\n" RATE_LIMIT 3 30\n69000714\n';

const strange = [
  "",
  "\n",
  "\r\n",
  "only a secret",
  totp,
  hotp,
  totp.replaceAll("\n", "\r\n"),
  totp.trimEnd(),
  'A\n"TOTP_AUTH\n" \n"\n1234567\n# comment\n\n\n" TOTP_AUTH',
  "A\rB\r\r\n\0\u00e9\n",
];

describe("a state file", () => {
  test.each(strange.map((text) => [text]))("is kept byte for byte: %j", (text) => {
    expect(printStateFile(parseStateFile(text))).toBe(text);
  });

  test("random bytes are kept, too", () => {
    let state = 7;
    const next = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    const pieces = [
      '"',
      " ",
      "\n",
      "\r\n",
      "\r",
      "TOTP_AUTH",
      "12345678",
      "A",
      "HOTP_COUNTER 4",
      "\0",
      "\u2028",
    ];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join("");
      expect(printStateFile(parseStateFile(text))).toBe(text);
    }
  });

  test("says its settings and what the module noted", () => {
    expect(summarizeStateFile(parseStateFile(totp))).toEqual({
      secret: "valid",
      kind: "totp",
      counter: null,
      windowSize: 17,
      stepSeconds: 30,
      rateLimit: { attempts: 3, seconds: 30 },
      attemptedAt: [1795388967, 1795388970],
      refusesReuse: true,
      usedSteps: [59846298, 59846299],
      scratchCodes: 2,
      writtenBy: null,
    });
    expect(summarizeStateFile(parseStateFile(hotp))).toMatchObject({
      kind: "hotp",
      counter: 5,
      windowSize: 3,
    });
  });

  test("with a secret and nothing else has no kind: the module refuses every code", () => {
    expect(summarizeStateFile(parseStateFile("ATHMAC5Z4LANR546XGZECZ4ZJA\n")).kind).toBeNull();
    expect(summarizeStateFile(parseStateFile("")).secret).toBe("invalid");
  });

  test("that the agent shows tells that a secret is there, and how many scratch codes", () => {
    const shown = '-\n" GATEHOUSE abc-1\n" HOTP_COUNTER 9\n--------\n--------\n#\n';
    expect(summarizeStateFile(parseStateFile(shown))).toMatchObject({
      secret: "hidden",
      counter: 9,
      scratchCodes: 2,
      writtenBy: "abc-1",
    });
  });
});

describe("an edit", () => {
  test("of the counter leaves every other byte", () => {
    const crlf = parseStateFile(`${hotp}# mine\n`.replaceAll("\n", "\r\n"));
    const edited = setCounter(crlf, 42) ?? expect.fail("it is an HOTP file");
    expect(printStateFile(edited)).toBe(printStateFile(crlf).replace("HOTP_COUNTER 5", "HOTP_COUNTER 42"));
    expect(setCounter(parseStateFile(totp), 42)).toBeNull();
  });

  test("of scratch codes leaves the module's notes", () => {
    const edited = replaceScratchCodes(parseStateFile(totp.trimEnd()), ["11111111"]);
    expect(printStateFile(edited)).toBe(totp.replace("69000714\n12345678\n", "11111111\n"));
    expect(printStateFile(replaceScratchCodes(parseStateFile("A"), ["11111111"]))).toBe("A\n11111111\n");
  });
});

describe("a new file", () => {
  const secret = "ATHMAC5Z4LANR546XGZECZ4ZJA";
  const parts = { secret, scratchCodes: ["69000714"], writtenBy: "w1" };

  test("refuses the code that proved the enrolment", () => {
    const text = printNewStateFile({ ...parts, code: { kind: "totp", usedSteps: [59846298] } });
    expect(summarizeStateFile(parseStateFile(text))).toMatchObject({
      secret: "valid",
      kind: "totp",
      usedSteps: [59846298],
      rateLimit: { attempts: 3, seconds: 30 },
      scratchCodes: 1,
      writtenBy: "w1",
    });
  });

  test("of a token counts from where the token stands", () => {
    const text = printNewStateFile({ ...parts, code: { kind: "hotp", counter: 3 } });
    expect(summarizeStateFile(parseStateFile(text))).toMatchObject({
      kind: "hotp",
      counter: 3,
      windowSize: 10,
    });
  });

  test.each([
    ["a secret with a line break", { secret: `${secret}\n" TOTP_AUTH` }],
    ["a short secret", { secret: "ABCDEFGH" }],
    ["a scratch code with a line break", { scratchCodes: ["1234567\n8"] }],
    ["a scratch code that begins with 0", { scratchCodes: ["01234567"] }],
    ["an id with a blank", { writtenBy: "w 1" }],
  ])("is never made of %s", (_, more) => {
    expect(() => printNewStateFile({ ...parts, ...more, code: { kind: "hotp", counter: 1 } })).toThrow(
      RangeError,
    );
  });

  test("of a token counts from 1 at least: the module takes 0 for no counter", () => {
    expect(() => printNewStateFile({ ...parts, code: { kind: "hotp", counter: 0 } })).toThrow(RangeError);
  });

  test("has scratch codes that the module takes, whatever the dice say", () => {
    for (const random of [0, 1, 89_999_999, 90_000_000, 2 ** 32 - 1])
      expect(isScratchCode(scratchCodeOf(random))).toBe(true);
  });
});
