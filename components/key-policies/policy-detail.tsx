"use client";

import { Link2Off } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Facts } from "@/components/ui/facts";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { Pagination } from "@/components/ui/pagination";
import { RelativeTime } from "@/components/ui/relative-time";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { KeyPolicyDetailView } from "@/lib/features/key-policies/views";
import { HostPolicy } from "./host-policy";
import { ApplyTogether, KeepTogether, type Refused } from "./together";

/** A policy, and each of its hosts: what is wanted, and what it demands by the last reading. */
export function PolicyDetail({ policy }: { policy: KeyPolicyDetailView }) {
  const [refused, setRefused] = useState<Refused>([]);
  const plan = useCommand<{ refused: Refused }>("/api/v1/changes/key-policy", {
    onDone: (answer) => setRefused(answer.refused),
  });
  const open = policy.rows.filter(({ canPlan, change }) => canPlan && change === null);
  return (
    <div className="grid grid-cols-1 gap-6">
      <Section title="The policy">
        <Facts>
          <Fact name="Not demanded of">
            {policy.exceptAccounts.length > 0 ? (
              <span className="font-mono text-xs">{policy.exceptAccounts.join(", ")}</span>
            ) : (
              "nobody but Gatehouse's own account"
            )}
          </Fact>
          <Fact name="Last changed by">
            {policy.updatedByName}, <RelativeTime at={policy.updatedAt} />
          </Fact>
          {policy.note && <Fact name="Note">{policy.note}</Fact>}
        </Facts>
      </Section>
      <Section
        title="Hosts"
        bare
        lead="By the configuration that was last read on each, account by account. Passwords are another matter: see the host's configuration."
        actions={
          <>
            {open.length > 1 && (
              <Button
                pending={plan.pending}
                onClick={() => void plan.send({ hostIds: open.map(({ hostId }) => hostId) })}
              >
                Plan on {open.length} hosts
              </Button>
            )}
            {policy.mayApply && (
              <>
                <ApplyTogether policy={policy} onRefused={setRefused} />
                <KeepTogether policy={policy} onRefused={setRefused} />
              </>
            )}
          </>
        }
      >
        <div className="grid grid-cols-1 gap-3">
          <FormError error={plan.error} />
          {refused.length > 0 && (
            <Notice tone="warn" title="Not on every host" urgent>
              <ul className="grid gap-1">
                {refused.map(({ hostName, reason }) => (
                  <li key={hostName}>
                    {hostName}: <UntrustedText text={reason} />
                  </li>
                ))}
              </ul>
            </Notice>
          )}
          {policy.rows.length === 0 ? (
            <EmptyState icon={Link2Off} title="No host is meant">
              No host has this tag. The policy takes effect as soon as one has.
            </EmptyState>
          ) : (
            <ul className="grid grid-cols-1 divide-y divide-line rounded-lg border border-line bg-surface">
              {policy.rows.map((row) => (
                <li key={row.hostId} className="px-4 py-3">
                  <HostPolicy view={row} isNamed />
                </li>
              ))}
            </ul>
          )}
          <Pagination
            page={policy.page}
            perPage={policy.perPage}
            total={policy.total}
            noun="hosts"
            hrefOf={(page) => `/access/policies/${policy.id}${page > 1 ? `?page=${page}` : ""}`}
          />
        </div>
      </Section>
    </div>
  );
}
