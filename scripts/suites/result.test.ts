import { describe, expect, test } from "vitest";
import {
  countFaults,
  countPlaywright,
  countVitest,
  listPlaywrightFailures,
  listPlaywrightWavering,
  listVitestFailures,
  listVitestWavering,
} from "./reports.mjs";
import { judge, summarize } from "./result.mjs";

const counts = (passed: number, failed = 0, skipped = 0) => ({ passed, failed, skipped });

describe("judge", () => {
  test("a suite is good when tests passed, none failed, and it ended well", () => {
    expect(judge(counts(3), 0)).toEqual(counts(3));
  });
  test("all passed, but it ended with an error: one failure", () => {
    expect(judge(counts(3), 1)).toMatchObject({ passed: 3, failed: 1 });
  });
  test("it was killed: one failure", () => {
    expect(judge(counts(3), null)).toMatchObject({ failed: 1 });
  });
  test("it ran no test: one failure", () => {
    expect(judge(counts(0), 0)).toMatchObject({ failed: 1, note: "ran no test" });
  });
});

describe("summarize", () => {
  const result = (name: string, passed: number, failed = 0, skipped = 0) => ({
    name,
    passed,
    failed,
    skipped,
    seconds: 1,
  });
  test("the last line counts all suites", () => {
    const { lines, exitCode } = summarize([result("unit", 5), result("lab", 2)]);
    expect([lines.at(-1), exitCode]).toEqual(["7 passed, 0 failed", 0]);
  });
  test("what was skipped is said", () => {
    expect(summarize([result("unit", 5), result("lab", 0, 0, 1)]).lines.at(-1)).toBe(
      "5 passed, 0 failed, 1 skipped",
    );
  });
  test.each([
    ["one failure", [result("unit", 5), result("lab", 2, 1)]],
    ["no test at all", []],
    ["everything skipped", [result("lab", 0, 0, 4)]],
  ])("%s: exit code 1", (_, results) => {
    expect(summarize(results).exitCode).toBe(1);
  });
});

describe("reports", () => {
  test("vitest: a file that breaks before its first test counts as a failure", () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 0,
      testResults: [{ status: "failed", assertionResults: [] }],
    };
    expect(countVitest(report)).toEqual(counts(2, 1));
  });
  test("the summary says which tests failed, and why, above its last lines", () => {
    const file = {
      name: "e2e/demo.lab.test.ts",
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: "starts", failureMessages: [] },
        { status: "failed", fullName: "ends", failureMessages: ["expected [] to equal [4]"] },
      ],
    };
    const failures = listVitestFailures({ testResults: [file] });
    expect(summarize([{ name: "lab", ...counts(1, 1), seconds: 1, failures }]).lines.slice(0, 2)).toEqual([
      "✗ e2e/demo.lab.test.ts ends\n    expected [] to equal [4]",
      "",
    ]);
  });
  test("vitest: a file that breaks before its first test says so itself", () => {
    const file = { name: "a.test.ts", status: "failed", message: "no such module", assertionResults: [] };
    expect(listVitestFailures({ testResults: [file] })).toEqual(["a.test.ts \n    no such module"]);
  });
  test("playwright: failures and flaky tests are found in suites of suites", () => {
    const spec = (title: string, ok: boolean, status: string) => ({
      file: "a.spec.ts",
      line: 3,
      title,
      ok,
      tests: [{ status, results: [{ error: { message: "why" } }] }],
    });
    const report = {
      suites: [
        { suites: [{ specs: [spec("good", true, "expected"), spec("bad", false, "unexpected")] }] },
        { specs: [spec("moody", true, "flaky")] },
      ],
      errors: [{ message: "no server" }],
    };
    expect(listPlaywrightFailures(report)).toEqual(["a.spec.ts:3 bad\n    why", " \n    no server"]);
    expect(listPlaywrightWavering(report)).toEqual(["a.spec.ts:3 moody\n    why"]);
  });
  test("the summary names what passed at the second try only", () => {
    const assertionResults = [
      { status: "passed", fullName: "starts", failureMessages: [] },
      { status: "passed", fullName: "ends", failureMessages: ["too late"] },
    ];
    const wavering = listVitestWavering({ testResults: [{ name: "a.test.ts", assertionResults }] });
    const { lines, exitCode } = summarize([{ name: "lab", ...counts(2), seconds: 1, wavering }]);
    expect([lines[0], exitCode]).toEqual(["~ only at the second try: a.test.ts ends\n    too late", 0]);
  });
  test("vitest: a file with a failed test is counted once", () => {
    const file = { status: "failed", assertionResults: [{ status: "failed" }] };
    expect(countVitest({ numPassedTests: 2, numFailedTests: 1, testResults: [file] })).toEqual(counts(2, 1));
  });
  test("playwright: a test that passed at the second try has passed", () => {
    expect(countPlaywright({ stats: { expected: 2, unexpected: 0, flaky: 1, skipped: 0 } })).toEqual(
      counts(3),
    );
  });
  test("playwright: an error outside of tests is a failure", () => {
    expect(countPlaywright({ stats: { expected: 2 }, errors: [{}] })).toEqual(counts(2, 1));
  });
  test("faults: those not reached are skipped, violations fail", () => {
    expect(countFaults("…\ninjected 70 reached 64 violations 1\n")).toEqual(counts(63, 1, 6));
  });
  test.each([
    ["vitest", () => countVitest(undefined)],
    ["playwright", () => countPlaywright(undefined)],
    ["faults", () => countFaults("killed")],
  ])("%s: a report that is missing counts nothing", (_, count) => {
    expect(count()).toEqual(counts(0));
  });
});
