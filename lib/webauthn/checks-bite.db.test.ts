import type * as Library from "@simplewebauthn/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { addPasskey, beginAddPasskey } from "@/lib/features/people/me-commands";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/features/people/sign-in-commands";
import { Authenticator, type Lies } from "@/lib/testing/authenticator";
import { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson } from "@/lib/testing/people";
import type * as ClientData from "@/lib/webauthn/client-data";

// A lie may be refused for another reason than the check that is there for it. So each check is taken out here, by
// itself, and then its lie must come through, and every other lie must not: that check is what refuses it.

interface Expected {
  expectedOrigin: string | string[];
  expectedRPID?: string | string[];
}

const checks = ["challenge", "origin", "relying party", "verification", "cross-origin"] as const;
type Check = (typeof checks)[number];
let removed: Check | undefined;

const evil = { origin: "https://evil.example", rpId: "evil.example" };

/** What the library is told to expect, without the removed check. */
function relaxed<Given extends Expected>(given: Given): Given {
  switch (removed) {
    case "challenge":
      return { ...given, expectedChallenge: () => true };
    case "origin":
      return { ...given, expectedOrigin: [given.expectedOrigin, evil.origin].flat() };
    case "relying party":
      return { ...given, expectedRPID: [given.expectedRPID ?? [], evil.rpId].flat() };
    case "verification":
      return { ...given, requireUserVerification: false };
    default:
      return given;
  }
}

vi.mock("@simplewebauthn/server", async (importOriginal) => {
  const library = await importOriginal<typeof Library>();
  return {
    ...library,
    verifyAuthenticationResponse: (given: Parameters<typeof library.verifyAuthenticationResponse>[0]) =>
      library.verifyAuthenticationResponse(relaxed(given)),
    verifyRegistrationResponse: (given: Parameters<typeof library.verifyRegistrationResponse>[0]) =>
      library.verifyRegistrationResponse(relaxed(given)),
  };
});
vi.mock("@/lib/webauthn/client-data", async (importOriginal) => {
  const { refuseCrossOrigin } = await importOriginal<typeof ClientData>();
  return {
    refuseCrossOrigin: (text: string) => {
      if (removed !== "cross-origin") refuseCrossOrigin(text);
    },
  };
});
afterEach(() => {
  removed = undefined;
});

vi.setConfig({ testTimeout: 120_000 }); // fifteen ceremonies each

const db = await openDatabase();
const ann = await addPerson(db, "admin");

/** One lie for each check, and nothing else wrong. */
const lieOf: Record<Check, Lies> = {
  challenge: { challenge: Buffer.alloc(32, 1).toString("base64url") },
  origin: { origin: evil.origin },
  "relying party": { rpId: evil.rpId },
  verification: { userVerified: false },
  "cross-origin": { crossOrigin: true },
};

async function signsIn(lie: Lies): Promise<boolean> {
  const browser = new Browser();
  const { body } = await browser.send(beginPasskeySignIn);
  return (await browser.send(signInWithPasskey, { response: ann.key.get(body, lie) })).status === 200;
}

async function registers(lie: Lies): Promise<boolean> {
  const { body } = await ann.browser.send(beginAddPasskey);
  const key = new Authenticator("http://localhost:3000");
  const answer = await ann.browser.send(addPasskey, { name: "Green", response: key.create(body, lie) });
  return answer.status === 200;
}

const tally = { test: "webauthn-checks-bite", cases: 0, refused: 0, throughWithoutTheCheck: 0 };

describe.each([
  ["sign-in", signsIn],
  ["registration", registers],
] as const)("at %s", (_, tries) => {
  test.each(checks)("the check of the %s is what refuses its lie", async (check) => {
    expect(await tries({})).toBe(true);
    for (const other of checks) {
      removed = check;
      const isThrough = await tries(lieOf[other]);
      removed = undefined;
      expect(isThrough, `${check} taken out, a lie about the ${other}`).toBe(other === check);
      expect(await tries(lieOf[other]), `all checks, a lie about the ${other}`).toBe(false);
      tally.cases += 2;
      tally.refused += isThrough ? 1 : 2;
      tally.throughWithoutTheCheck += isThrough ? 1 : 0;
    }
  });
});

test("the count", () => {
  console.log(JSON.stringify(tally));
  expect(tally.throughWithoutTheCheck).toBe(2 * checks.length);
});
