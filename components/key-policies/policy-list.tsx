import { Fingerprint } from "lucide-react";
import Link from "next/link";
import { Tag } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkedRow } from "@/components/ui/linked-row";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { printDemands } from "@/lib/access/key-policy-words";
import type { KeyPolicyListView, KeyPolicyView } from "@/lib/features/key-policies/views";

/** Every policy of keys: where, what, of whom not. */
export function PolicyList({ view }: { view: KeyPolicyListView }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      {view.leftovers.length > 0 && (
        <Notice tone="warn" title="Some hosts demand what nobody wants any more">
          <p>A change on each host&apos;s page takes it out:</p>
          <ul className="mt-1 flex flex-wrap gap-x-3">
            {view.leftovers.map(({ hostId, hostName }) => (
              <li key={hostId}>
                <Link prefetch={false} href={`/hosts/${hostId}/accounts`} className="link break-all">
                  {hostName}
                </Link>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {view.policies.length === 0 ? (
        <EmptyState icon={Fingerprint} title="No policies yet">
          A policy says what sshd demands of every key on a host, or on all with a tag. A change brings each
          host to it, behind the lock-out check.
          {!view.mayWrite && " An owner or admin writes them."}
        </EmptyState>
      ) : (
        <ul className="grid grid-cols-1 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {view.policies.map((policy) => (
            <Row key={policy.id} policy={policy} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ policy }: { policy: KeyPolicyView }) {
  return (
    <LinkedRow
      href={`/access/policies/${policy.id}`}
      title={policy.tag === null ? (policy.hostName ?? "A host") : `All hosts with the tag ${policy.tag}`}
      aside={
        <Tag>
          {policy.hosts} {policy.hosts === 1 ? "host" : "hosts"}
        </Tag>
      }
    >
      <p className="min-w-0 text-sm break-words text-ink-soft">
        {printDemands(policy.demands)}
        {policy.exceptAccounts.length > 0 && (
          <>
            ; not of <span className="font-mono text-xs">{policy.exceptAccounts.join(", ")}</span>
          </>
        )}
      </p>
      <p className="text-xs text-ink-faint">
        {policy.updatedByName}, <RelativeTime at={policy.updatedAt} />
        {policy.note && <>: {policy.note}</>}
      </p>
    </LinkedRow>
  );
}
