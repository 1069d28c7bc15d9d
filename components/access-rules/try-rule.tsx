"use client";

import { FlaskConical } from "lucide-react";
import Link from "next/link";
import type { Assertion } from "@/lib/access/assertions/assertion";
import type { TriedRuleView } from "@/lib/features/access-rules/views";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { FormError } from "../ui/form-error";
import type { CommandHandle } from "../ui/use-command";
import { OffenceList } from "./offence-list";
import { RuleCounts } from "./rule-counts";
import { hostCount, stateWords } from "./rule-words";

interface Props {
  assertion: Assertion;
  command: CommandHandle<TriedRuleView>;
  /** The last answer; undefined when the rule is another one since. */
  tried: TriedRuleView | undefined;
}

/** Holds the rule against what was last read, before it is saved. */
export function TryRule({ assertion, command, tried }: Props) {
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Button pending={command.pending} onClick={() => void command.send({ assertion })}>
          <FlaskConical aria-hidden /> Try it
        </Button>
        <span className="text-xs text-ink-soft">
          Against what was last read on each host. Nothing is saved, and no host is asked.
        </span>
      </div>
      <FormError error={command.error} />
      <div role="status" className="grid grid-cols-1 gap-3 empty:hidden">
        {tried && (
          <>
            <RuleCounts counts={tried.counts} />
            {tried.left > 0 && (
              <p className="text-xs text-ink-soft">
                {hostCount(tried.left)} more were not looked at, because there are many. They are checked once
                the rule is saved.
              </p>
            )}
          </>
        )}
      </div>
      {tried && tried.hosts.length > 0 && (
        <ul className="grid grid-cols-1 divide-y divide-line rounded-lg border border-line bg-surface">
          {tried.hosts.map(({ hostId, hostName, answer }) => (
            <li key={hostId} className="grid min-w-0 grid-cols-1 gap-2 px-4 py-3">
              <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
                <Link
                  prefetch={false}
                  href={`/hosts/${hostId}/access`}
                  className="link min-w-0 font-medium break-all"
                >
                  {hostName}
                </Link>
                <Badge tone={stateWords[answer.state].tone}>{stateWords[answer.state].label}</Badge>
              </div>
              <OffenceList answer={answer} label={`What offends on ${hostName}`} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
