import { ChevronRight } from "lucide-react";
import { Badge, Tag } from "@/components/ui/badge";
import { Fingerprint } from "@/components/ui/fingerprint";
import { ReasonList } from "@/components/ui/reason-list";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { methodWords } from "@/lib/access/method-words";
import type { AccessPathView, AccessStepView } from "@/lib/features/access/views";
import { factorWords } from "./access-words";

/** One way in: what it takes, from where, within which limits, and the lines that make it so. */
export function AccessPath({ path }: { path: AccessPathView }) {
  const { steps, from, to, factors, limits, forcedCommand, dependsOn, lastUsedAt, personName } = path;
  return (
    <li className="grid grid-cols-1 gap-1.5 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="text-sm font-medium">{methodWords(steps.map((step) => step.method).join(","))}</span>
        {factors >= 2 ? (
          <Badge tone="ok">{factors} factors</Badge>
        ) : factors === 1 ? (
          <Tag>1 factor</Tag>
        ) : (
          <Badge tone="danger">no factor</Badge>
        )}
        {dependsOn.length > 0 && <Badge tone="warn">depends</Badge>}
        {personName && <Tag>{personName}</Tag>}
        <span className="ml-auto text-xs text-ink-faint">
          {lastUsedAt ? (
            <>
              used <RelativeTime at={lastUsedAt} />
            </>
          ) : (
            "no login on record"
          )}
        </span>
      </div>
      {steps.map(
        (step) => step.key && <Key key={`${step.method} ${step.key.fingerprint}`} value={step.key} />,
      )}
      <p className="text-xs text-ink-soft">
        From <UntrustedText text={from.join(", ")} />
        {to && (
          <>
            {" "}
            to <UntrustedText text={to} />
          </>
        )}
        {limits.length > 0 && (
          <>
            {" · "}
            <UntrustedText text={limits.join(" · ")} />
          </>
        )}
      </p>
      {forcedCommand !== null && (
        <p className="min-w-0 text-xs text-ink-soft">
          Runs only{" "}
          <code className="break-all font-mono">
            <UntrustedText text={forcedCommand} />
          </code>
        </p>
      )}
      {dependsOn.length > 0 && (
        <p className="text-xs text-warn">
          Only the host can tell: <UntrustedText text={dependsOn.join("; ")} />
        </p>
      )}
      <Why path={path} />
    </li>
  );
}

function Key({ value }: { value: NonNullable<AccessStepView["key"]> }) {
  const { kind, fingerprint, type, bits, comment, principals } = value;
  const kinds: Record<string, string> = {
    authority: "certificates of",
    command: "keys that a program tells",
  };
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 text-xs">
      {kinds[kind] && <span className="text-ink-soft">{kinds[kind]}</span>}
      {fingerprint && (
        <Fingerprint value={fingerprint} {...(type && { type: bits ? `${type} ${bits}` : type })} />
      )}
      {comment && <UntrustedText text={comment} className="min-w-0 break-all" />}
      {principals.length > 0 && (
        <span className="text-ink-soft">
          for <UntrustedText text={principals.join(", ")} />
        </span>
      )}
    </div>
  );
}

/** The chain of lines that decides. */
function Why({ path }: { path: AccessPathView }) {
  return (
    <details className="group min-w-0 text-xs">
      <summary className="inline-flex w-fit cursor-pointer list-none items-center gap-1 rounded-sm text-ink-faint hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-3 transition-transform group-open:rotate-90" />
        Why: {factorWords(path.steps.flatMap((step) => step.factors))}
      </summary>
      <div className="mt-1.5">
        <ReasonList reasons={path.why} label="Why" />
      </div>
    </details>
  );
}
