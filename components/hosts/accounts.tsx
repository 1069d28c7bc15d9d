"use client";

import { RefreshCw, Users } from "lucide-react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { HostAccountsView } from "@/lib/features/hosts/views";
import { AccountTable } from "./account-table";

interface Props {
  hostId: string;
  view: HostAccountsView;
  canRead: boolean;
}

/** The accounts that the host last told us, and the way to ask it again. */
export function Accounts({ hostId, view, canRead }: Props) {
  const { send, pending, error } = useCommand(`/api/v1/hosts/${hostId}/accounts`);
  const { accounts, readAt, reading } = view;
  const busy = reading?.state === "queued" || reading?.state === "running";
  const ask = (label: string) =>
    canRead && (
      <Button pending={pending || busy} onClick={() => void send()}>
        {!pending && !busy && <RefreshCw aria-hidden />}
        {busy ? "Reading…" : label}
      </Button>
    );
  return (
    <div className="grid grid-cols-1 gap-3">
      <FormError error={error} />
      {reading?.state === "failed" && (
        <Notice tone="danger" title="The last reading did not succeed">
          <UntrustedText text={reading.error ?? "No reason was given."} />
        </Notice>
      )}
      {readAt ? (
        <>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <p className="text-xs text-ink-faint">
              {accounts.length} accounts, read <RelativeTime at={readAt} />
            </p>
            {ask("Read again")}
          </div>
          <AccountTable accounts={accounts} />
        </>
      ) : (
        <EmptyState icon={Users} title="Not read yet" actions={ask("Read the accounts")}>
          The UNIX accounts of the host, with their shells and whether a password is set. Reading changes
          nothing.
        </EmptyState>
      )}
    </div>
  );
}
