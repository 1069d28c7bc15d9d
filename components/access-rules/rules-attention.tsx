import { ChevronRight, Scale } from "lucide-react";
import Link from "next/link";
import type { RulesSummaryView } from "@/lib/features/access-rules/views";
import { toneText } from "../ui/badge";
import { classNames } from "../ui/class-names";
import { UntrustedText } from "../ui/untrusted-text";
import { hostCount } from "./rule-words";

/** Rules named; the list has the rest. */
const rowsAtOnce = 4;

/** Broken rules, as the overview tells of what wants a person. An item of its list. */
export function RulesAttention({ summary }: { summary: RulesSummaryView }) {
  const { broken } = summary;
  if (broken.length === 0) return null;
  const more = broken.length - rowsAtOnce;
  return (
    <li className="grid gap-x-4 border-b border-line last:border-b-0 md:grid-cols-[14rem_minmax(0,1fr)]">
      <h3 className="flex items-center gap-2 px-4 pt-2.5 pb-1 text-sm font-medium md:items-start md:pb-2.5">
        <Scale aria-hidden className={classNames("size-4 shrink-0 md:mt-0.5", toneText.danger)} />
        Rules broken
        <span className="font-normal text-ink-faint">{broken.length}</span>
      </h3>
      <ul className="min-w-0 divide-y divide-line md:border-l md:border-line">
        {broken.slice(0, rowsAtOnce).map((rule) => (
          <li key={rule.ruleId}>
            <Link
              prefetch={false}
              href={`/access/rules/${rule.ruleId}?state=broken`}
              className="flex min-h-9 items-center gap-3 px-4 py-1.5 text-sm transition-colors hover:bg-hover"
            >
              <span className="max-w-[45%] shrink-0 truncate font-medium md:w-36">{rule.name}</span>
              <span className="min-w-0 flex-1 truncate text-ink-soft">
                <UntrustedText text={rule.sentence} />
              </span>
              <span className="hidden whitespace-nowrap text-xs text-ink-faint sm:inline">
                on {hostCount(rule.hosts)}
              </span>
              <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-faint" />
            </Link>
          </li>
        ))}
        {more > 0 && (
          <li className="px-4 py-1.5 text-xs">
            <Link prefetch={false} href="/access/rules" className="link">
              {more} more
            </Link>
          </li>
        )}
      </ul>
    </li>
  );
}
