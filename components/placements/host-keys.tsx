"use client";

import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { HostKeysView } from "@/lib/features/placements/views";
import { KeyAccount } from "./key-account";

/** The keys of a host's accounts: what is wanted and what stands there, side by side, and the plans between the two. */
export function HostKeys({ view, read }: { view: HostKeysView; read: ReactNode }) {
  if (!view.readAt)
    return (
      <EmptyState icon={KeyRound} title="No keys were read yet" actions={read}>
        Whose keys stand in which account, and in which file sshd finds them. Reading changes nothing.
      </EmptyState>
    );
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-xs text-ink-faint">
          As the host was read <RelativeTime at={view.readAt} />. What is placed shows here once it was read
          on the host again, never before.
        </p>
        {read}
      </div>
      {view.isStale && (
        <Notice tone="warn" title="This reading is old">
          The host may have other keys by now. A plan reads the file again before it does anything.
        </Notice>
      )}
      {view.obstacle && (
        <Notice tone="danger" title="The keys cannot be told">
          <UntrustedText text={view.obstacle} />
        </Notice>
      )}
      {view.accounts.map((account) => (
        <KeyAccount key={account.name} view={view} account={account} />
      ))}
      {view.others > 0 && (
        <p className="text-xs text-ink-faint">
          {view.others === 1 ? "One more account has" : `${view.others} more accounts have`} no keys, no
          grants, and no shell to log in to.
        </p>
      )}
    </div>
  );
}
