"use client";

import Link from "next/link";
import { Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { BatchHostView, BatchView } from "@/lib/features/key-fleet/views";
import { count, stateWords } from "./batch-words";

/** The hosts of a batch: how far it is on each, what was refused and why, and a new try. */
export function BatchHosts({ batch }: { batch: BatchView }) {
  const retry = useCommand(`/api/v1/key-batches/${batch.id}/retry`);
  return (
    <div className="grid grid-cols-1 gap-2">
      <FormError error={retry.error} />
      <Table label="Hosts of this batch">
        <TableHead>
          <ColumnHead>Host</ColumnHead>
          <ColumnHead>Where it stands</ColumnHead>
          <ColumnHead>Changes</ColumnHead>
          <ColumnHead className="hidden lg:table-cell">Since</ColumnHead>
          <ColumnHead>
            <span className="sr-only">Acts</span>
          </ColumnHead>
        </TableHead>
        <tbody>
          {batch.rows.map((host) => (
            <TableRow key={host.hostId}>
              <Cell className="align-top font-medium">
                <Link
                  href={`/hosts/${host.hostId}/accounts`}
                  prefetch={false}
                  className="block py-1.5 hover:underline hover:underline-offset-3"
                >
                  {host.hostName}
                </Link>
              </Cell>
              <Cell className="max-w-md align-top">
                <Standing host={host} />
              </Cell>
              <Cell className="align-top">
                <Changes host={host} />
              </Cell>
              <Cell className="hidden whitespace-nowrap py-1.5 align-top text-ink-soft lg:table-cell">
                <RelativeTime at={host.updatedAt} />
              </Cell>
              <Cell className="text-right align-top">
                {batch.canRetry && ["refused", "waiting"].includes(host.state) && (
                  <Button
                    size="sm"
                    pending={retry.pending}
                    aria-label={`Try ${host.hostName} again`}
                    onClick={() => void retry.send({ hostId: host.hostId })}
                  >
                    Try again
                  </Button>
                )}
              </Cell>
            </TableRow>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Standing({ host }: { host: BatchHostView }) {
  const { tone, label, meaning } = stateWords[host.state];
  const effects = [
    ...(host.gainsWays > 0 ? [`${count(host.gainsWays, "way")} in would come`] : []),
    ...(host.losesWays > 0 ? [`${count(host.losesWays, "way")} in would go`] : []),
  ];
  return (
    <div className="grid grid-cols-1 gap-1 py-1.5">
      <span title={meaning}>
        <Status tone={tone}>
          {label}
          {host.state === "planned" && host.isConfirmed && ", confirmed"}
        </Status>
      </span>
      {host.reason && (
        <p className="break-words text-xs text-ink-soft">
          <UntrustedText text={host.reason} />
        </p>
      )}
      {host.state === "planned" && host.obstacle && (
        <p className="break-words text-xs text-warn">
          <UntrustedText text={host.obstacle} />
        </p>
      )}
      {(host.state === "planned" || host.state === "asks") && effects.length > 0 && (
        <p className="text-xs text-ink-soft">{effects.join(", ")}.</p>
      )}
      {(host.state === "planned" || host.state === "asks") && host.shutOut.length > 0 && (
        <p className="break-words text-xs text-danger">
          Nobody could log in any more as{" "}
          {host.shutOut.map((account, index) => (
            <span key={account}>
              {index > 0 && ", "}
              <UntrustedText text={account} className="font-medium" />
            </span>
          ))}
          .
        </p>
      )}
    </div>
  );
}

function Changes({ host }: { host: BatchHostView }) {
  if (host.changes.length === 0) return <span className="block py-1.5 text-xs text-ink-faint">none</span>;
  return (
    // One below the other: each high enough to be hit with a finger (WCAG 2.5.8).
    <ul className="grid grid-cols-1 py-1 text-xs">
      {host.changes.map((change) => (
        <li key={change.id}>
          <Link
            href={`/changes/${change.id}`}
            prefetch={false}
            className="inline-flex min-h-6 items-center gap-1 rounded-sm hover:underline hover:underline-offset-3"
          >
            <UntrustedText text={change.account} />
            <span className="font-mono tabular-nums">
              {change.addedKeys > 0 && <span className="text-ok">+{change.addedKeys}</span>}
              {change.addedKeys > 0 && change.removedLines > 0 && " "}
              {change.removedLines > 0 && <span className="text-danger">−{change.removedLines}</span>}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
