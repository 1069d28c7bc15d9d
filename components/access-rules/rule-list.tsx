import { Scale } from "lucide-react";
import { printAssertion } from "@/lib/access/assertions/print-assertion";
import type { RuleListView, RuleRow } from "@/lib/features/access-rules/views";
import { Tag } from "../ui/badge";
import { ButtonLink } from "../ui/button";
import { EmptyState } from "../ui/empty-state";
import { LinkedRow } from "../ui/linked-row";
import { UntrustedText } from "../ui/untrusted-text";
import { RuleCounts } from "./rule-counts";
import { assertionOf } from "./rule-draft";
import { ruleExamples } from "./rule-examples";
import { severityWords } from "./rule-words";

/** Every rule with its sentence and what it comes to, the broken ones first. */
export function RuleList({ view }: { view: RuleListView }) {
  if (view.rules.length === 0) return <NoRules mayWrite={view.mayWrite} />;
  return (
    <ul className="grid grid-cols-1 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
      {view.rules.map((rule) => (
        <Row key={rule.id} rule={rule} />
      ))}
    </ul>
  );
}

function Row({ rule }: { rule: RuleRow }) {
  return (
    <LinkedRow
      href={`/access/rules/${rule.id}`}
      title={rule.name}
      aside={
        <span className="flex flex-wrap gap-1.5">
          {!rule.isEnabled && <Tag>Switched off</Tag>}
          <Tag>{severityWords[rule.severity]}</Tag>
        </span>
      }
    >
      <p className="min-w-0 text-sm break-words text-ink-soft">
        <UntrustedText text={rule.sentence} />.
      </p>
      {rule.isEnabled && <RuleCounts counts={rule.counts} />}
    </LinkedRow>
  );
}

/** Nothing is demanded yet: what a rule is for, and three to begin with. */
function NoRules({ mayWrite }: { mayWrite: boolean }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <EmptyState icon={Scale} title="No rules yet">
        A rule says what must always hold about who can log in. It is checked whenever a host is read, and no
        change may break it.
        {!mayWrite && " An owner or admin writes them."}
      </EmptyState>
      <section aria-labelledby="rule-examples" className="grid grid-cols-1 gap-2">
        <h2 id="rule-examples" className="text-sm font-medium">
          {mayWrite ? "Begin with one of these" : "Such as"}
        </h2>
        <ul className="grid grid-cols-1 gap-3 sm:grid-cols-3">
          {ruleExamples.map(({ id, draft }) => (
            <li
              key={id}
              className="grid grid-cols-1 content-between gap-3 rounded-lg border border-line bg-surface p-4"
            >
              <div className="grid gap-1">
                <h3 className="text-sm font-medium">{draft.name}</h3>
                <p className="text-sm text-ink-soft">
                  {printAssertion(assertionOf(draft, "…"), () => "Somebody whom you choose")}.
                </p>
              </div>
              {mayWrite && (
                <ButtonLink size="sm" className="w-fit" href={`/access/rules/new?example=${id}`}>
                  Use this
                </ButtonLink>
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
