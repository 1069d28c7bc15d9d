"use client";

import { ArrowRight } from "lucide-react";
import type { MeaningDifference } from "@/lib/sshd-config/diff-meaning";
import { findKeyword } from "@/lib/sshd-config/directives";
import { UntrustedText } from "../ui/untrusted-text";

/** What a difference of two texts means: the settings that change, for whom, in words. */
export function MeaningList({ differences }: { differences: readonly MeaningDifference[] }) {
  if (differences.length === 0)
    return (
      <p className="text-sm text-ink-soft">
        Nothing changes in effect: the texts differ at most in comments, order or lines that never take
        effect.
      </p>
    );
  return (
    <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
      {differences.map((difference) => (
        <li
          key={`${difference.keyword} ${difference.criteria ?? ""}`}
          className="grid gap-x-4 gap-y-0.5 px-4 py-2.5 text-sm sm:grid-cols-[minmax(0,14rem)_minmax(0,1fr)]"
        >
          <span className="grid content-start">
            <code className="font-mono text-xs leading-5 font-medium">{difference.keyword}</code>
            <span className="text-xs text-ink-soft">
              {difference.criteria === undefined ? (
                "for everyone"
              ) : (
                <>
                  for <UntrustedText text={difference.criteria} className="font-mono" />
                </>
              )}
            </span>
          </span>
          <span className="grid min-w-0 content-start gap-0.5">
            <Change difference={difference} />
            <span className="text-xs text-ink-faint">{findKeyword(difference.keyword)?.help}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Change({ difference: { before, after, items } }: { difference: MeaningDifference }) {
  if (items && items.gone.length + items.come.length === 0)
    return <span>The same values in another order.</span>;
  if (items && before.length > 0 && after.length > 0)
    return (
      <span className="grid gap-0.5 font-mono text-xs leading-5">
        {items.gone.length > 0 && (
          <span className="break-words">
            <span className="font-sans text-ink-soft">no longer</span>{" "}
            <UntrustedText text={items.gone.join(" ")} />
          </span>
        )}
        {items.come.length > 0 && (
          <span className="break-words">
            <span className="font-sans text-ink-soft">now also</span>{" "}
            <UntrustedText text={items.come.join(" ")} />
          </span>
        )}
      </span>
    );
  return (
    <span className="flex flex-wrap items-center gap-x-2 font-mono text-xs leading-5">
      <Values values={before} />
      <ArrowRight aria-label="becomes" className="size-3.5 text-ink-faint" />
      <Values values={after} />
    </span>
  );
}

function Values({ values }: { values: readonly string[] }) {
  if (values.length === 0) return <span className="font-sans text-ink-faint">not set</span>;
  return <UntrustedText text={values.join(" ")} className="break-all" />;
}
