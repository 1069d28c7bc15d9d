import { describe, expect, test } from "vitest";
import { builds } from "@/lib/sshd-config/build";
import { answerCase } from "@/lib/sshd-config/testing/corpus";
import { loadAnswers, loadCases, loadWorld } from "@/lib/testing/sshd-corpus";

const cases = loadCases();
const world = loadWorld();

/** Lines without regard to order, the keyword's case or bytes beyond ASCII, which the record writes as \xNN. */
function comparable(lines: readonly string[], noisy: boolean): string[] {
  return lines
    .map((line) => {
      const [keyword = "", ...rest] = line.split(" ");
      // 8.9 prints memory it never set.
      const value = noisy && keyword.toLowerCase() === "persourcenetblocksize" ? "" : rest.join(" ");
      const bytes = value.replace(
        /[\udc80-\udcff]/gu,
        (c) => `\\x${(c.charCodeAt(0) - 0xdc00).toString(16)}`,
      );
      return `${keyword.toLowerCase()} ${bytes}`;
    })
    .sort();
}

/** The standard lines without `less`, with `more`. */
function apply(standard: readonly string[], less: readonly string[], more: readonly string[]): string[] {
  const lines = [...standard];
  for (const line of less) lines.splice(lines.indexOf(line), 1);
  return [...lines, ...more];
}

describe.each(builds)("$id", (build) => {
  const { standard, answers } = loadAnswers(build.id);
  const noisy = build.release === 809;
  const given = cases.map((question) => answerCase(question, build, world));

  test("says and exits what the real sshd does", () => {
    expect(given.map(({ id, t }) => ({ id, ...t }))).toEqual(
      answers.map(({ id, code, stderr }) => ({ id, code, stderr })),
    );
  });

  test("dumps what the real sshd does", () => {
    const wrong = given.flatMap(({ id, T }, i) =>
      T.filter((dump, j) => {
        const { code = 0, less = [], more = [] } = answers[i]!.dumps[j]!;
        if (dump.code !== code || code !== 0) return dump.code !== code;
        const want = comparable(apply(standard, less, more), noisy);
        return want.join("\n") !== comparable(dump.stdout.trimEnd().split("\n"), noisy).join("\n");
      }).map((dump) => ({ id, query: dump.query })),
    );
    expect(wrong).toEqual([]);
  });
});
