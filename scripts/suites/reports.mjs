// The counts in what test runners report. Each is total: a report that is missing or odd counts nothing, and
// `judge` makes that a failure.
import { existsSync, readFileSync } from "node:fs";

/** Of a message; the whole is further up. */
const FAILURE_LINES = 12;

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {string} file @returns {any} undefined when there is no such report */
export function readReport(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // cut off when its writer was killed
  }
}

/**
 * Vitest's JSON report. A file that fails before its first test has no test to count, so it counts itself.
 *
 * @returns {Counts}
 */
export function countVitest(report) {
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: (report?.numFailedTests ?? 0) + brokenFiles,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

/**
 * Which tests failed, and why, for the end of a long output, whose beginning nobody may have kept.
 *
 * @returns {string[]} a text each: where, name, first lines of the message
 */
export function listVitestFailures(report) {
  return (report?.testResults ?? []).flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    if (file.status === "failed" && failed.length === 0)
      return [describeFailure(file.name, "", [file.message])];
    return failed.map((test) => describeFailure(file.name, test.fullName, test.failureMessages));
  });
}

/** Which tests passed at the second try, and why they failed at the first. @returns {string[]} as for failures */
export function listVitestWavering(report) {
  return (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === "passed" && test.failureMessages?.length > 0)
      .map((test) => describeFailure(file.name, test.fullName, test.failureMessages)),
  );
}

/** The failures in Playwright's report. @returns {string[]} as for Vitest */
export function listPlaywrightFailures(report) {
  return [
    ...describeSpecs(report, (spec) => !spec.ok),
    ...(report?.errors ?? []).map((error) => describeFailure("", "", [error.message])),
  ];
}

/** Which tests passed at the second try in Playwright's report. @returns {string[]} as for Vitest */
export function listPlaywrightWavering(report) {
  return describeSpecs(report, (spec) => spec.ok && spec.tests.some((test) => test.status === "flaky"));
}

/** Suites hold suites. */
function describeSpecs(report, isWanted) {
  const ofSuite = (suite) => [
    ...(suite.specs ?? []).filter(isWanted).map((spec) =>
      describeFailure(
        `${spec.file}:${spec.line}`,
        spec.title,
        spec.tests.flatMap((test) => test.results.flatMap((result) => result.error?.message ?? [])),
      ),
    ),
    ...(suite.suites ?? []).flatMap(ofSuite),
  ];
  return (report?.suites ?? []).flatMap(ofSuite);
}

function describeFailure(place, name, messages) {
  const text = messages.join("\n").split("\n").slice(0, FAILURE_LINES).join("\n    ");
  return `${place} ${name}\n    ${text}`;
}

/**
 * Playwright's JSON report.
 *
 * @returns {Counts}
 */
export function countPlaywright(report) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {};
  return {
    passed: expected + flaky,
    failed: unexpected + (unexpected > 0 ? 0 : (report?.errors ?? []).length),
    skipped,
  };
}

/**
 * The fault harness's last line, `injected N reached N violations N`: a fault that was reached is a test.
 *
 * @param {string} output
 * @returns {Counts}
 */
export function countFaults(output) {
  const line = /^injected (\d+) reached (\d+) violations (\d+)$/m.exec(output);
  if (!line) return { passed: 0, failed: 0, skipped: 0 };
  const [, injected, reached, violations] = line.map(Number);
  return { passed: Math.max(0, reached - violations), failed: violations, skipped: injected - reached };
}
