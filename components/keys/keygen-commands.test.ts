import { expect, test } from "vitest";
import { keygenCommands, suffixPattern } from "./keygen-commands";

test("the commands are those of ssh-keygen(1), with our challenge", () => {
  const wish = { family: "ed25519", suffix: "work", isResident: true, isVerifyRequired: true } as const;
  expect(keygenCommands(wish, "abc_-1")).toEqual({
    challenge: "printf %s abc_-1 > gatehouse-challenge",
    challengeForWindows: "Set-Content -NoNewline -Encoding ascii gatehouse-challenge abc_-1",
    make: "ssh-keygen -t ed25519-sk -f ~/.ssh/id_ed25519_sk_work -O resident -O application=ssh:work -O verify-required -O challenge=gatehouse-challenge -O write-attestation=gatehouse-attestation",
    file: "~/.ssh/id_ed25519_sk_work",
  });
});

test("what is not wanted is not asked for", () => {
  const wish = { family: "ecdsa", suffix: "", isResident: false, isVerifyRequired: false } as const;
  expect(keygenCommands(wish, "abc")).toMatchObject({
    make: "ssh-keygen -t ecdsa-sk -f ~/.ssh/id_ecdsa_sk -O challenge=gatehouse-challenge -O write-attestation=gatehouse-attestation",
    file: "~/.ssh/id_ecdsa_sk",
  });
});

test.each(["", "-x", "a b", "a;b", "$(id)", "a/b", "..", "x".repeat(40)])(
  "no suffix is %j: a shell or a folder could read it otherwise",
  (suffix) => {
    expect(suffixPattern.test(suffix)).toBe(false);
  },
);
