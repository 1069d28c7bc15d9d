import type { RuleAnswerView, RuleOffenceView } from "@/lib/features/access-rules/views";
import { Fingerprint } from "../ui/fingerprint";
import { ReasonList } from "../ui/reason-list";
import { UntrustedText } from "../ui/untrusted-text";

/** What breaks a rule on one host, or may break it, each with the lines that open the way. */
export function OffenceList({ answer, label }: { answer: RuleAnswerView; label: string }) {
  const { offences, total, doubts } = answer;
  return (
    <div className="grid min-w-0 grid-cols-1 gap-2">
      {doubts.map((doubt) => (
        <p key={doubt} className="text-xs text-ink-soft">
          <UntrustedText text={doubt} />
        </p>
      ))}
      {offences.length > 0 && (
        <ul aria-label={label} className="grid min-w-0 grid-cols-1 divide-y divide-line">
          {offences.map((offence) => (
            <Offence key={JSON.stringify(offence)} offence={offence} />
          ))}
        </ul>
      )}
      {total > offences.length && (
        <p className="text-xs text-ink-faint">
          {(total - offences.length).toLocaleString("en")} more are not shown
        </p>
      )}
    </div>
  );
}

function Offence({ offence }: { offence: RuleOffenceView }) {
  const { account, person, fingerprint, comment, methods, from, to, reasons, dependsOn, why } = offence;
  return (
    <li className="grid min-w-0 grid-cols-1 gap-1 py-2 text-sm first:pt-0 last:pb-0">
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
        {account === null ? (
          <span className="font-medium">No way in</span>
        ) : (
          <UntrustedText text={account} className="min-w-0 break-all font-mono text-xs font-medium" />
        )}
        <Addresses from={from} />
        {to !== null && (
          <span className="text-xs text-ink-soft">
            at the host's <UntrustedText text={to} className="font-mono" />
          </span>
        )}
        {methods.length > 0 && <span className="text-xs text-ink-soft">by {methods.join(", then ")}</span>}
        {reasons.map((reason) => (
          <span key={reason} className="min-w-0 text-xs break-words text-ink-soft">
            <UntrustedText text={reason} />
          </span>
        ))}
        {person !== null && (
          <span className="text-xs text-ink-soft">
            key of <UntrustedText text={person} className="text-ink" />
          </span>
        )}
      </div>
      {fingerprint !== null && (
        <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 text-xs">
          <Fingerprint value={fingerprint} />
          {comment !== null && <UntrustedText text={comment} className="min-w-0 break-all text-ink-soft" />}
        </div>
      )}
      {dependsOn.length > 0 && (
        <p className="text-xs break-words text-warn">
          Depends on{" "}
          {dependsOn.map((doubt, index) => (
            <span key={doubt}>
              {index > 0 && "; "}
              <UntrustedText text={doubt} />
            </span>
          ))}
        </p>
      )}
      {why.length > 0 && <ReasonList reasons={why} label="The lines that open it" />}
    </li>
  );
}

/** The first addresses; the rest when asked for. */
function Addresses({ from }: { from: readonly string[] }) {
  const first = from.slice(0, 3);
  const rest = from.slice(3);
  return (
    <span className="min-w-0 text-xs">
      <span className="text-ink-soft">from </span>
      <UntrustedText text={first.join(", ")} className="font-mono break-words" />
      {rest.length > 0 && (
        <details className="inline-block align-top">
          <summary className="ml-1.5 cursor-pointer text-ink-soft hover:text-ink">{rest.length} more</summary>
          <UntrustedText text={rest.join(", ")} className="font-mono break-words" />
        </details>
      )}
    </span>
  );
}
