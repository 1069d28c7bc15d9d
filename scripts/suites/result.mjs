// What a suite of tests came to, and the summary of all of them.

/**
 * @typedef {object} SuiteResult
 * @property {string} name
 * @property {number} passed tests
 * @property {number} failed tests; a suite that crashed, or that ran no test, counts one
 * @property {number} skipped
 * @property {number} seconds
 * @property {string} [note] why it was skipped or crashed
 * @property {string[]} [failures] which tests failed, and why
 * @property {string[]} [wavering] which tests passed at the second try, and why they failed at the first
 */

/**
 * Trusts counts only as far as they explain the exit code: a green count with a red exit is a failure, and so is
 * silence.
 *
 * @param {{ passed: number, failed: number, skipped: number }} counts
 * @param {number | null} exitCode null when a signal ended it
 * @returns {{ passed: number, failed: number, skipped: number, note?: string }}
 */
export function judge(counts, exitCode) {
  if (counts.failed > 0) return counts;
  if (exitCode !== 0)
    return { ...counts, failed: 1, note: `ended with exit code ${exitCode ?? "none (killed)"}` };
  if (counts.passed === 0) return { ...counts, failed: 1, note: "ran no test" };
  return counts;
}

/**
 * @param {readonly SuiteResult[]} results
 * @returns {{ lines: string[], exitCode: 0 | 1 }} what failed or wavered, a line a suite; the last line is `N passed, N failed` (`, N skipped` when any)
 */
export function summarize(results) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  const lines = results.map(({ name, passed, failed, skipped, seconds, note }) => {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    const mark = failed > 0 ? "FAIL" : passed > 0 ? "ok" : "skip";
    return `${mark.padEnd(4)}  ${name.padEnd(width)}  ${countsLine({ passed, failed, skipped })}, ${seconds.toFixed(1)} s${note ? `  (${note})` : ""}`;
  });
  const remarks = results.flatMap(({ failures = [], wavering = [] }) => [
    ...wavering.map((text) => `~ only at the second try: ${text}`),
    ...failures.map((text) => `✗ ${text}`),
  ]);
  const isGood = total.failed === 0 && total.passed > 0;
  return {
    lines: [...remarks, ...(remarks.length > 0 ? [""] : []), ...lines, "", countsLine(total)],
    exitCode: isGood ? 0 : 1,
  };
}

function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
