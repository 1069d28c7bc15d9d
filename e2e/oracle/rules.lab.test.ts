import { afterAll, beforeAll, expect, test } from "vitest";
import { openRealSshd, type RealSshd } from "@/e2e/oracle/real-sshd";
import { prepareSubject } from "@/e2e/oracle/trees";
import { ruleExamples } from "@/lib/sshd-config/rules/examples";

// Why there are rules at all: sshd -t accepts every one of these.

let sshd: RealSshd;

beforeAll(async () => {
  sshd = await openRealSshd();
});

afterAll(() => sshd?.close());

const suites = [
  ["bookworm", "deb12-9.2p1"],
  ["trixie", "deb13-10.0p1"],
] as const;

test.each(suites)("the sshd of %s accepts the examples of the rules", async (suite, id) => {
  const { tree } = await prepareSubject(suite);
  const cases = ruleExamples
    .filter(({ build = "deb12-9.2p1" }) => build === id)
    .flatMap(({ code, found, sound }) =>
      [...found, ...sound].map((text, i) => ({
        id: `${code} ${i}`,
        files: { "/etc/ssh/sshd_config": text, "/etc/ssh/mine": { copy: "rsa2048_key", mode: "600" } },
        queries: [],
      })),
    );
  const answers = await sshd.ask(tree, cases);
  expect(answers).toHaveLength(cases.length);
  const refused = answers.flatMap(({ id: name, t }) => (t.code === 0 ? [] : [`${name}: ${t.stderr}`]));
  expect(refused).toEqual([]);
});
