import { Link2Off } from "lucide-react";
import Link from "next/link";
import type { z } from "zod";
import type { RuleFilter } from "@/lib/features/access-rules/schema";
import type { RuleHostRow, RuleView } from "@/lib/features/access-rules/views";
import { Badge, Status } from "../ui/badge";
import { Chip } from "../ui/chip";
import { EmptyState } from "../ui/empty-state";
import { Fact, Facts } from "../ui/facts";
import { Notice } from "../ui/notice";
import { Pagination } from "../ui/pagination";
import { RelativeTime } from "../ui/relative-time";
import { Section } from "../ui/section";
import { OffenceList } from "./offence-list";
import { countOrder, countWords, stateWords } from "./rule-words";

interface Props {
  rule: RuleView;
  filter: z.output<typeof RuleFilter>;
}

/** A rule: why there is one, and what it comes to on each host. */
export function RuleDetail({ rule, filter }: Props) {
  const all = Object.values(rule.counts).reduce((sum, count) => sum + count, 0);
  const hrefOf = (state: string, page = 1) => {
    const query = new URLSearchParams({ ...(state && { state }), ...(page > 1 && { page: String(page) }) });
    return `/access/rules/${rule.id}${query.size > 0 ? `?${query}` : ""}`;
  };
  return (
    <div className="grid grid-cols-1 gap-6">
      {rule.isUnreadable && (
        <Notice tone="danger" title="This rule cannot be read">
          It was written for another version of Gatehouse. Until it is written anew it holds nowhere.
        </Notice>
      )}
      {!rule.isEnabled && (
        <Notice tone="neutral" title="Switched off">
          It is neither checked nor does it stand in the way of a change.
        </Notice>
      )}
      <Section title="The rule">
        <Facts>
          <Fact name="Why">
            <span className="whitespace-pre-wrap">{rule.reason}</span>
          </Fact>
          <Fact name="When it is broken">
            {rule.severity === "block"
              ? "A change that would break it is refused."
              : "It is said here, on the host's page and in plans; no change is refused."}
          </Fact>
          <Fact name="Written by">
            {rule.authorName}, <RelativeTime at={rule.createdAt} />
            {rule.version > 1 && (
              <>
                ; last changed by {rule.updatedByName}, <RelativeTime at={rule.updatedAt} />
              </>
            )}
          </Fact>
          <Fact name="Not looked at">Gatehouse's own key to its own account on each host.</Fact>
        </Facts>
      </Section>
      {rule.isEnabled && (
        <Section
          title="Hosts"
          bare
          lead="By what was last read on each. What only the host can tell does not count as holding."
        >
          {all === 0 ? (
            <EmptyState icon={Link2Off} title="No host is meant">
              No managed host has such a name or tag. The rule takes effect as soon as one has.
            </EmptyState>
          ) : (
            <div className="grid grid-cols-1 gap-3">
              <div className="flex flex-wrap gap-1.5">
                {countOrder
                  .filter((state) => rule.counts[state] > 0 || filter.state === state)
                  .map((state) => (
                    <Chip
                      key={state}
                      active={filter.state === state}
                      count={rule.counts[state]}
                      href={hrefOf(filter.state === state ? "" : state)}
                    >
                      {state === "waiting" ? "Not checked" : stateWords[state].label}
                    </Chip>
                  ))}
              </div>
              {rule.hosts.length === 0 ? (
                <p className="text-sm text-ink-soft" role="status">
                  No host is{" "}
                  {filter.state === "" ? "there" : `in this state (${countWords[filter.state].label})`}.
                </p>
              ) : (
                <ul className="grid grid-cols-1 divide-y divide-line rounded-lg border border-line bg-surface">
                  {rule.hosts.map((row) => (
                    <HostRow key={row.hostId} row={row} />
                  ))}
                </ul>
              )}
              <Pagination
                page={rule.page}
                perPage={rule.perPage}
                total={rule.total}
                hrefOf={(page) => hrefOf(filter.state, page)}
                noun="hosts"
              />
            </div>
          )}
        </Section>
      )}
    </div>
  );
}

function HostRow({ row }: { row: RuleHostRow }) {
  const { hostId, hostName, answer, since, readAt, isStale } = row;
  return (
    <li className="grid min-w-0 grid-cols-1 gap-2 px-4 py-3">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Link
          prefetch={false}
          href={`/hosts/${hostId}/access`}
          className="link min-w-0 font-medium break-all"
        >
          {hostName}
        </Link>
        <State row={row} />
        <span className="text-xs text-ink-faint">
          {since && (
            <>
              since <RelativeTime at={since} />
              {", "}
            </>
          )}
          {readAt ? (
            <>
              read <RelativeTime at={readAt} />
            </>
          ) : (
            "never read"
          )}
        </span>
        {readAt !== null && isStale && (
          <Status tone="warn" className="text-xs">
            may no longer be so
          </Status>
        )}
      </div>
      {readAt === null && (
        <p className="text-xs text-ink-soft">
          Who can log in there was not read yet. Read it on the host's{" "}
          <Link prefetch={false} href={`/hosts/${hostId}/access`} className="link">
            Access page
          </Link>
          .
        </p>
      )}
      {answer && answer.state !== "holds" && (
        <OffenceList answer={answer} label={`What offends on ${hostName}`} />
      )}
    </li>
  );
}

function State({ row: { answer, readAt } }: { row: RuleHostRow }) {
  if (!answer) return <Badge tone="neutral">{readAt === null ? "Not read" : "Waits for its check"}</Badge>;
  const { tone, label } = stateWords[answer.state];
  return <Badge tone={tone}>{label}</Badge>;
}
