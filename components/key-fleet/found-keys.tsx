"use client";

import { KeyRound, SearchX } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Tag } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { FoundKeysInput } from "@/lib/features/key-fleet/schema";
import type { FoundKeyRow, FoundKeysView } from "@/lib/features/key-fleet/views";
import { count } from "./batch-words";
import { foundAddress, keyAddress } from "./found-address";
import { FoundFilters } from "./found-filters";
import { KeyActs } from "./key-acts";
import { KeyOwner } from "./key-owner";

/** Keys that stand on hosts, one a row whatever the number of its lines, with what can be done about many at once. */
export function FoundKeys({ view, filter }: { view: FoundKeysView; filter: FoundKeysInput }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { rows, total, counts } = view;
  const all = counts.nobody + counts.claimed + counts.owned + counts.left;
  const selected = rows.filter(({ fingerprint }) => chosen.has(fingerprint));
  const toggle = (fingerprint: string) =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(fingerprint)) next.add(fingerprint);
      return next;
    });
  return (
    <div className="grid grid-cols-1 gap-4">
      <FoundFilters view={view} filter={filter} />
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
        <p className="text-xs text-ink-faint" role="status">
          {selected.length > 0 ? `${selected.length} chosen of ${count(total, "key")}` : count(total, "key")}
        </p>
        {selected.length > 0 && <KeyActs keys={selected} view={view} />}
      </div>
      {rows.length === 0 ? (
        all === 0 && filter.q === "" ? (
          <EmptyState
            icon={KeyRound}
            title="No key was found"
            actions={<ButtonLink href="/hosts">Go to Hosts</ButtonLink>}
          >
            Keys are found when a host is read: by itself once a day, at once on its page <em>Access</em>.
          </EmptyState>
        ) : (
          <EmptyState
            icon={SearchX}
            title="No key fits"
            actions={<ButtonLink href="/access/keys?owner=">Show every key</ButtonLink>}
          >
            {count(all, "key fits", "keys fit")} the words and hosts, whoever owns them.
          </EmptyState>
        )
      ) : (
        <div>
          <Table label="Keys on hosts">
            <TableHead>
              <ColumnHead>
                <Checkbox
                  aria-label="Choose every key of this page"
                  checked={selected.length === rows.length}
                  indeterminate={selected.length > 0 && selected.length < rows.length}
                  onChange={() =>
                    setChosen(
                      selected.length === rows.length
                        ? new Set()
                        : new Set(rows.map(({ fingerprint }) => fingerprint)),
                    )
                  }
                />
              </ColumnHead>
              <ColumnHead>Key</ColumnHead>
              <ColumnHead>Whose</ColumnHead>
              <ColumnHead className="text-right">Hosts</ColumnHead>
              <ColumnHead className="text-right">Lines</ColumnHead>
              <ColumnHead className="hidden md:table-cell">Accounts</ColumnHead>
              <ColumnHead className="hidden lg:table-cell">Last used</ColumnHead>
              <ColumnHead className="hidden lg:table-cell">First seen</ColumnHead>
            </TableHead>
            <tbody>
              {rows.map((row) => (
                <KeyRow
                  key={row.fingerprint}
                  row={row}
                  isChosen={chosen.has(row.fingerprint)}
                  onToggle={() => toggle(row.fingerprint)}
                />
              ))}
            </tbody>
          </Table>
          <Pagination
            page={view.page}
            perPage={view.perPage}
            total={total}
            noun="keys"
            hrefOf={(page) => foundAddress(filter, { page })}
          />
        </div>
      )}
    </div>
  );
}

function KeyRow({ row, isChosen, onToggle }: { row: FoundKeyRow; isChosen: boolean; onToggle: () => void }) {
  const more = row.accountCount - row.accounts.length;
  return (
    <TableRow aria-selected={isChosen || undefined}>
      <Cell className="w-8 align-top">
        <span className="block py-1.5">
          <Checkbox aria-label={`Choose ${row.fingerprint}`} checked={isChosen} onChange={onToggle} />
        </span>
      </Cell>
      <Cell className="max-w-80 align-top">
        <Link
          href={keyAddress(row.fingerprint)}
          prefetch={false}
          className="grid grid-cols-1 py-1.5 hover:underline hover:underline-offset-3"
        >
          <span className="truncate font-medium">
            {row.comment ? (
              <UntrustedText text={row.comment} />
            ) : (
              <span className="text-ink-faint">no comment</span>
            )}
          </span>
          <span className="truncate font-mono text-2xs text-ink-faint">
            {row.type} {row.fingerprint}
          </span>
        </Link>
        {row.isAuthority && <Tag className="mb-1.5">an authority somewhere</Tag>}
      </Cell>
      <Cell className="max-w-48 align-top">
        <span className="block py-1.5">
          <KeyOwner owner={row.owner} />
        </span>
      </Cell>
      <Cell className="py-1.5 text-right align-top tabular-nums">{row.hosts}</Cell>
      <Cell className="py-1.5 text-right align-top tabular-nums">{row.lines}</Cell>
      <Cell className="hidden max-w-56 py-1.5 align-top text-ink-soft md:table-cell">
        <span className="line-clamp-2 break-words">
          {row.accounts.map((account, index) => (
            <span key={account}>
              {index > 0 && ", "}
              <UntrustedText text={account} />
            </span>
          ))}
          {more > 0 && ` and ${more} more`}
        </span>
      </Cell>
      <Cell className="hidden whitespace-nowrap py-1.5 align-top text-ink-soft lg:table-cell">
        {row.lastUsedAt ? (
          <RelativeTime at={row.lastUsedAt} />
        ) : (
          <span className="text-ink-faint">not seen</span>
        )}
      </Cell>
      <Cell className="hidden whitespace-nowrap py-1.5 align-top text-ink-soft lg:table-cell">
        <RelativeTime at={row.firstSeenAt} />
      </Cell>
    </TableRow>
  );
}
