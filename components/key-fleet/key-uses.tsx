import { ServerOff } from "lucide-react";
import { Tag } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { KeyUsesView } from "@/lib/features/key-fleet/views";
import { count } from "./batch-words";

/** Places that are named of those where a key is still to come. */
const mostNamed = 5;

/** Which accounts one's own keys open, and where one is still to come. */
export function KeyUses({ view }: { view: KeyUsesView }) {
  const { uses, total, notPlaced } = view;
  return (
    <div className="grid grid-cols-1 gap-3">
      {notPlaced.length > 0 && (
        <Notice
          tone="info"
          title={`You may use ${count(notPlaced.length, "account")} where no key of yours stands yet`}
        >
          {notPlaced
            .slice(0, mostNamed)
            .map(({ hostName, account }) => `${account} on ${hostName}`)
            .join(", ")}
          {notPlaced.length > mostNamed && ` and ${notPlaced.length - mostNamed} more`}. An admin places it;
          it shows here when the host was read afterwards.
        </Notice>
      )}
      {uses.length === 0 ? (
        <EmptyState icon={ServerOff} title="Your keys open no account yet">
          An admin says which accounts you may use, and places your keys there.
        </EmptyState>
      ) : (
        <>
          <Table label="Where your keys work">
            <TableHead>
              <ColumnHead>Host</ColumnHead>
              <ColumnHead>Account</ColumnHead>
              <ColumnHead>Key</ColumnHead>
              <ColumnHead>Last used</ColumnHead>
            </TableHead>
            <tbody>
              {uses.map((use) => (
                <TableRow key={`${use.fingerprint} ${use.hostName} ${use.account}`}>
                  <Cell className="font-medium">{use.hostName}</Cell>
                  <Cell className="max-w-56">
                    <span className="flex flex-wrap items-center gap-1 py-1">
                      <UntrustedText text={use.account} />
                      {use.needsMore && <Tag>asks for more</Tag>}
                      {use.forcedCommand !== null && <Tag>one command only</Tag>}
                      {use.expiresAt && (
                        <Tag>
                          ends <RelativeTime at={use.expiresAt} />
                        </Tag>
                      )}
                    </span>
                  </Cell>
                  <Cell className="max-w-48 truncate text-ink-soft">{use.keyName}</Cell>
                  <Cell className="whitespace-nowrap text-ink-soft">
                    {use.lastUsedAt ? (
                      <RelativeTime at={use.lastUsedAt} />
                    ) : (
                      <span className="text-ink-faint">not seen</span>
                    )}
                  </Cell>
                </TableRow>
              ))}
            </tbody>
          </Table>
          {total > uses.length && (
            <p className="text-xs text-ink-faint">
              {uses.length} of {total} are shown.
            </p>
          )}
        </>
      )}
    </div>
  );
}
