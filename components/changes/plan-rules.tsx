import Link from "next/link";
import type { PlanRuleView } from "@/lib/features/access-rules/views";
import { Badge, type Tone } from "../ui/badge";
import { Notice } from "../ui/notice";
import { ReasonList } from "../ui/reason-list";
import { Section } from "../ui/section";
import { UntrustedText } from "../ui/untrusted-text";

const effects: Record<PlanRuleView["effect"], { label: string; tone: Tone }> = {
  breaks: { label: "Broken by this change", tone: "danger" },
  doubts: { label: "Could no longer be told", tone: "danger" },
  unknown: { label: "Cannot be judged", tone: "warn" },
  "stays-broken": { label: "Was broken before, and stays so", tone: "warn" },
  "stays-unclear": { label: "Could not be told before, and cannot", tone: "neutral" },
  mends: { label: "Mended by this change", tone: "ok" },
};

/** What the change does to the rules about access. Nothing where it touches none. */
export function PlanRules({ rules }: { rules: readonly PlanRuleView[] }) {
  if (rules.length === 0) return null;
  const blocking = rules.filter(({ isBlocking }) => isBlocking);
  const others = rules.filter(({ isBlocking }) => !isBlocking);
  return (
    <Section title="Rules about access" bare>
      <div className="grid grid-cols-1 gap-3">
        {blocking.length > 0 && (
          <Notice
            tone="danger"
            title={
              blocking.length === 1
                ? "A rule does not let this change be applied"
                : `${blocking.length} rules do not let this change be applied`
            }
          >
            Correct the change. Or an owner or admin changes the rule, and you ask the host again here.
          </Notice>
        )}
        <ul className="grid grid-cols-1 divide-y divide-line rounded-lg border border-line">
          {[...blocking, ...others].map((rule) => (
            <Rule key={rule.ruleId} rule={rule} />
          ))}
        </ul>
      </div>
    </Section>
  );
}

function Rule({ rule }: { rule: PlanRuleView }) {
  const { ruleId, name, sentence, effect, severity, isBlocking, offences, total, obstacle } = rule;
  const { label, tone } = effects[effect];
  const isWarning = severity === "warn" && (effect === "breaks" || effect === "doubts");
  return (
    <li className="grid min-w-0 grid-cols-1 gap-1.5 px-4 py-2.5 text-sm">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          prefetch={false}
          href={`/access/rules/${ruleId}`}
          className="link min-w-0 font-medium break-words"
        >
          {name}
        </Link>
        <Badge tone={isWarning ? "warn" : tone}>{label}</Badge>
        {isWarning && <span className="text-xs text-ink-soft">only warns</span>}
        {isBlocking && <span className="text-xs text-danger">blocks this change</span>}
      </div>
      <p className="min-w-0 break-words text-ink-soft">
        <UntrustedText text={sentence} />.
      </p>
      {obstacle !== null && (
        <p className="min-w-0 text-xs break-words text-ink-soft">
          <UntrustedText text={obstacle} />
        </p>
      )}
      {offences.length > 0 && (
        <ul aria-label="What offends" className="grid min-w-0 grid-cols-1 gap-2">
          {offences.map((offence) => (
            <Offence key={JSON.stringify(offence)} offence={offence} />
          ))}
        </ul>
      )}
      {total > offences.length && (
        <p className="text-xs text-ink-faint">{total - offences.length} more are not shown</p>
      )}
    </li>
  );
}

function Offence({ offence }: { offence: PlanRuleView["offences"][number] }) {
  const { account, person, fingerprint, from, to, methods, reasons, dependsOn, why } = offence;
  const words = [
    ...(to !== null ? [`at the host's ${to}`] : []),
    ...(methods.length > 0 ? [`by ${methods.join(", then ")}`] : []),
    ...(person !== null ? [`key of ${person}`] : fingerprint !== null ? [fingerprint] : []),
    ...reasons,
  ];
  return (
    <li className="grid min-w-0 grid-cols-1 gap-1 text-xs">
      <p className="min-w-0 break-words">
        {account === null ? (
          <span className="font-medium">No way in</span>
        ) : (
          <UntrustedText text={account} className="font-mono font-medium" />
        )}{" "}
        <span className="text-ink-soft">from</span>{" "}
        <UntrustedText text={from.join(", ")} className="font-mono" />
        {words.map((word) => (
          <span key={word} className="text-ink-soft">
            {"; "}
            <UntrustedText text={word} />
          </span>
        ))}
      </p>
      {dependsOn.length > 0 && (
        <p className="min-w-0 break-words text-warn">
          Depends on <UntrustedText text={dependsOn.join("; ")} />
        </p>
      )}
      {why.length > 0 && <ReasonList reasons={why} label="The lines that open it" />}
    </li>
  );
}
