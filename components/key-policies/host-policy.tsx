"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { Badge, Status, type Tone } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import { printDemands } from "@/lib/access/key-policy-words";
import type { HostPolicyView, PolicyOffenceView } from "@/lib/features/key-policies/views";

const stateWords: Record<HostPolicyView["state"], { tone: Tone; label: string }> = {
  met: { tone: "ok", label: "Demanded" },
  unmet: { tone: "warn", label: "Not demanded" },
  unknown: { tone: "neutral", label: "Cannot tell" },
  unwanted: { tone: "warn", label: "No longer wanted" },
  none: { tone: "neutral", label: "Nothing is wanted" },
};

/** What is wanted of keys on a host beside what it demands, and the change that brings the two together. */
export function HostPolicy({ view, isNamed = false }: { view: HostPolicyView; isNamed?: boolean }) {
  const router = useRouter();
  const plan = useCommand<{ changes: { changeId: string }[] }>("/api/v1/changes/key-policy", {
    refresh: false,
    onDone: ({ changes: [first] }) => first && router.push(`/changes/${first.changeId}`),
  });
  const { tone, label } = stateWords[view.state];
  return (
    <div className="grid min-w-0 grid-cols-1 gap-2">
      <div className="flex min-w-0 flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          {isNamed && (
            <Link
              prefetch={false}
              href={`/hosts/${view.hostId}/accounts`}
              className="link min-w-0 font-medium break-all"
            >
              {view.hostName}
            </Link>
          )}
          <Badge tone={tone}>{label}</Badge>
          {view.wanted && <span className="min-w-0 text-ink-soft">wanted: {view.wanted}</span>}
          {view.readAt && (
            <span className="text-xs text-ink-faint">
              read <RelativeTime at={view.readAt} />
            </span>
          )}
          {view.readAt && view.isStale && (
            <Status tone="warn" className="text-xs">
              may no longer be so
            </Status>
          )}
        </div>
        <span className="flex flex-wrap gap-2">
          {view.change && (
            <ButtonLink size="sm" href={`/changes/${view.change.id}`}>
              Look at the open change
            </ButtonLink>
          )}
          {view.canPlan && (
            <Button
              size="sm"
              pending={plan.pending}
              aria-label={`${planWords(view)} on ${view.hostName}`}
              onClick={() => void plan.send({ hostIds: [view.hostId] })}
            >
              {planWords(view)}
            </Button>
          )}
        </span>
      </div>
      <FormError error={plan.error} />
      {view.together?.step === "keep" && (
        <p className="text-xs text-ink-soft">
          Applied and proved by a login of ours. The host undoes it unless a person keeps it.
        </p>
      )}
      {view.together?.step === "alone" && (
        <p className="text-xs break-words text-ink-soft">
          To be looked at and applied by itself: <UntrustedText text={view.together.reason} />
        </p>
      )}
      {view.obstacle && (
        <p className="text-xs break-words text-ink-soft">
          <UntrustedText text={view.obstacle} />
        </p>
      )}
      {view.isBlockOld && view.state === "met" && (
        <p className="text-xs text-ink-soft">It demands more, or otherwise, than is wanted now.</p>
      )}
      {view.offences.length > 0 && (
        <ul
          aria-label={`Who is asked for less on ${view.hostName}`}
          className="grid grid-cols-1 gap-0.5 text-xs"
        >
          {view.offences.map((offence) => (
            <Offence key={JSON.stringify(offence)} offence={offence} />
          ))}
          {view.total > view.offences.length && (
            <li className="text-ink-faint">{view.total - view.offences.length} more are not shown</li>
          )}
        </ul>
      )}
    </div>
  );
}

function planWords({ state, isBlockOld }: HostPolicyView): string {
  if (state === "unwanted") return "Plan to take it out";
  return isBlockOld ? "Plan it anew" : "Plan it";
}

function Offence({
  offence: { accounts, total, isOthersToo, from, lacks, source },
}: {
  offence: PolicyOffenceView;
}) {
  const more = [
    ...(total > accounts.length ? [`${total - accounts.length} more`] : []),
    ...(isOthersToo ? [accounts.length > 0 ? "any other account" : "any account"] : []),
  ];
  return (
    <li className="flex min-w-0 flex-wrap items-baseline gap-x-2">
      <span className="min-w-0 break-words">
        {accounts.map((account, index) => (
          <span key={account}>
            {index > 0 && ", "}
            <UntrustedText text={account} className="break-all font-mono" />
          </span>
        ))}
        {more.length > 0 && (
          <span className="text-ink-soft">
            {accounts.length > 0 && " and "}
            {more.join(" and ")}
          </span>
        )}
      </span>
      <span className="text-ink-soft">not asked for: {printDemands(lacks)}</span>
      {from[0] !== "any address" && <span className="text-ink-soft">from {from.join(", ")}</span>}
      <span className="min-w-0 break-all text-ink-faint">
        {source ? <UntrustedText text={source} className="font-mono" /> : "by sshd's default"}
      </span>
    </li>
  );
}
