import { describe, expect, test } from "vitest";
import { answerLogin } from "@/lib/access/testing/corpus";
import { resultsOf } from "@/lib/access/testing/recorded";
import { builds } from "@/lib/sshd-config/build";
import { loadLoginCases, loadLoginWorld, loadRecordedLogins } from "@/lib/testing/login-corpus";

const world = loadLoginWorld();
const cases = loadLoginCases();
const recorded = loadRecordedLogins();
/** All certificates of the world are dated around this: 2026-07-01. */
const now = Date.UTC(2026, 6, 1) / 1000;

describe("every login that was tried against a real sshd ends as it did there", () => {
  test.each(builds.map((b) => [b.id, b] as const))("%s", (id, build) => {
    let attempts = 0;
    const wrong: string[] = [];
    for (const [i, question] of cases.entries()) {
      const row = recorded[i];
      expect(row?.id).toBe(question.id);
      const predicted = answerLogin(question, build, world, now).attempts;
      for (const [j, result] of (row ? resultsOf(row, id) : []).entries()) {
        attempts++;
        const isSame = (predicted[j]?.result === "success") === (result === "success");
        if (!isSame) wrong.push(`${question.id} attempt ${j}: ${result}, predicted ${predicted[j]?.result}`);
      }
    }
    expect(attempts).toBe(1397);
    expect(wrong).toEqual([]);
  });
});
