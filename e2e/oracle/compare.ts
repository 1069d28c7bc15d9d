import type { Build } from "@/lib/sshd-config/build";
import { toByteString } from "@/lib/sshd-config/bytes";
import { type Answer, answerCase, type Case, type TestWorld } from "@/lib/sshd-config/testing/corpus";

/** Where model and sshd disagree over one case. */
export interface Difference {
  question: Case;
  /** Of `-t`, or of `-T` with a query: each line or exit code that only one of them has. */
  what: string[];
}

/** Every case on whose exit code, messages or dump the model and the real sshd disagree. */
export function findDifferences(
  cases: readonly Case[],
  real: readonly Answer[],
  build: Build,
  world: TestWorld,
): Difference[] {
  return cases.flatMap((question, i) => {
    const answer = real[i];
    const what = answer
      ? compareAnswers(answerCase(question, build, world), answer)
      : ["sshd gave no answer"];
    return what.length === 0 ? [] : [{ question, what }];
  });
}

function compareAnswers(model: Answer, real: Answer): string[] {
  const what = compareOutcome("-t", { ...model.t, stdout: "" }, { ...real.t, stdout: "" });
  for (const [i, dump] of real.T.entries()) {
    const given = model.T[i];
    const name = `-T ${JSON.stringify(dump.query)}`;
    what.push(...(given ? compareOutcome(name, given, dump) : [`${name}: the model gave no answer`]));
  }
  return what;
}

type Outcome = { code: number; stdout: string; stderr: string };

function compareOutcome(name: string, model: Outcome, real: Outcome): string[] {
  const codes = model.code === real.code ? [] : [`${name}: exit ${real.code}, model ${model.code}`];
  return [
    ...codes,
    ...compareLines(`${name} stderr`, toByteString(model.stderr), real.stderr),
    ...compareLines(`${name} stdout`, toByteString(model.stdout), real.stdout),
  ];
}

/** Lines of one side alone, in order; when the same lines stand in another order, that. */
function compareLines(name: string, model: string, real: string): string[] {
  if (model === real) return [];
  const [given, wanted] = [model.split("\n"), real.split("\n")];
  const only = (lines: readonly string[], others: readonly string[], whose: string) =>
    lines
      .filter((line) => !others.includes(line))
      .map((line) => `${name}, only ${whose}: ${JSON.stringify(line)}`);
  const alone = [...only(wanted, given, "sshd"), ...only(given, wanted, "model")];
  return alone.length > 0 ? alone.slice(0, 8) : [`${name}: the same lines, in another order or number`];
}
