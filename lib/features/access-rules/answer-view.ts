import type { AssertionAnswer, Offence } from "@/lib/access/assertions/offence";
import type { KeyOwner } from "@/lib/access/who-can-log-in";
import { storableList, storableText } from "@/lib/features/access/storable";
import type { RuleAnswerView, RuleOffenceView } from "@/lib/features/access-rules/views";

/** More ways than a person looks at; all are counted. */
const mostOffences = 10;
const mostReasons = 12;

/** An answer as it is stored and shown. Text of the host is cut, and holds no NUL. */
export function answerView(
  { state, offences, doubts }: AssertionAnswer,
  people: readonly KeyOwner[],
): RuleAnswerView {
  return {
    state,
    total: offences.length,
    offences: offenceViews(offences, people),
    doubts: storableList(doubts),
  };
}

/** The first of some offences. */
export function offenceViews(offences: readonly Offence[], people: readonly KeyOwner[]): RuleOffenceView[] {
  return offences.slice(0, mostOffences).map(({ path, from, reasons, dependsOn }): RuleOffenceView => {
    const key = path?.steps.find((step) => step.key?.fingerprint !== undefined)?.key;
    const owner =
      key?.kind === "key"
        ? people.find((one) => one.fingerprints.includes(key.fingerprint ?? ""))
        : undefined;
    return {
      account: path ? storableText(path.account) : null,
      person: owner ? storableText(owner.name) : null,
      fingerprint: key?.fingerprint ?? null,
      comment: key?.comment ? storableText(key.comment) : null,
      methods: path?.steps.map(({ method }) => method) ?? [],
      from: storableList(from),
      to: path?.to === undefined ? null : storableText(path.to),
      reasons: storableList(reasons),
      dependsOn: storableList(dependsOn),
      why: (path?.why ?? []).slice(0, mostReasons).map(({ text, source }) => ({
        text: storableText(text),
        source: source === undefined ? null : storableText(source),
      })),
    };
  });
}
