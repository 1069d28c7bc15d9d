import { expect, test } from "vitest";
import { allRules } from "@/lib/sshd-config/rules/all-rules";
import { ruleExamples } from "@/lib/sshd-config/rules/examples";

const words = { error: "error", warning: "warning", info: "note" } as const;

function printPage(): string {
  const sections = allRules.map(({ code, severity, what, why }) => {
    const example = ruleExamples.find((e) => e.code === code);
    const release = example?.build ? ` (${example.build})` : "";
    return [
      `## ${code}`,
      "",
      `At most a ${words[severity]}. ${what} ${why}`,
      "",
      `Found, for instance, in${release}:`,
      "",
      "```",
      (example?.found[0] ?? "").trimEnd(),
      "```",
      "",
    ].join("\n");
  });
  return `# Rules beyond \`sshd -t\`

What sshd accepts and nobody wants: lock-outs first of all. The editor shows these findings beside sshd's own errors
and warnings, each with what it is, why it matters and what to do; where an edit is safe it is a quick fix.

A rule is one file in \`lib/sshd-config/rules/\`; words that are too much by themselves are one table,
\`risky-values.ts\`. It is judged by what holds for everyone and in each Match block
(\`scope.ts\`), not by the text alone; what is not known of the host is not held against a line. Every rule has examples
in \`examples.ts\`, found and sound ones, and real sshds accept all of them (\`e2e/oracle/rules.lab.test.ts\`).

This page is printed from the code: \`npx vitest run --project unit lib/sshd-config/rules/rules-page -u\`.

${sections.join("\n")}`;
}

test("docs/rules.md says what the rules say", async () => {
  await expect(printPage()).toMatchFileSnapshot("../../../docs/rules.md");
});
