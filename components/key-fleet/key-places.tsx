import Link from "next/link";
import { Badge, Tag } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { KeyPlaceRow } from "@/lib/features/key-fleet/views";

/** Every line of a key, host by host. */
export function KeyPlaces({ places }: { places: readonly KeyPlaceRow[] }) {
  return (
    <Table label="Places of this key">
      <TableHead>
        <ColumnHead>Host</ColumnHead>
        <ColumnHead>Account</ColumnHead>
        <ColumnHead>Line</ColumnHead>
        <ColumnHead>Options</ColumnHead>
        <ColumnHead className="hidden md:table-cell">Comment</ColumnHead>
        <ColumnHead className="hidden lg:table-cell">Last used</ColumnHead>
      </TableHead>
      <tbody>
        {places.map((place) => (
          <TableRow key={`${place.hostId} ${place.account} ${place.path} ${place.line}`}>
            <Cell className="font-medium">
              <Link
                href={`/hosts/${place.hostId}/accounts`}
                prefetch={false}
                className="block py-1.5 hover:underline hover:underline-offset-3"
              >
                {place.hostName}
              </Link>
            </Cell>
            <Cell>
              <UntrustedText text={place.account} />
            </Cell>
            <Cell className="max-w-72">
              <span className="break-all font-mono text-xs">
                <UntrustedText text={place.path} />:{place.line}
              </span>
              {place.isRefused && (
                <Badge tone="warn" className="ml-2">
                  sshd passes over the file
                </Badge>
              )}
            </Cell>
            <Cell className="max-w-60">
              {place.isAuthority && <Tag className="mr-1">authority</Tag>}
              {place.options && place.options !== "cert-authority" ? (
                <span className="break-all font-mono text-xs">
                  <UntrustedText text={place.options} />
                </span>
              ) : (
                !place.isAuthority && <span className="text-ink-faint">none</span>
              )}
            </Cell>
            <Cell className="hidden max-w-48 truncate text-ink-soft md:table-cell">
              <UntrustedText text={place.comment} />
            </Cell>
            <Cell className="hidden whitespace-nowrap text-ink-soft lg:table-cell">
              {place.lastUsedAt ? (
                <RelativeTime at={place.lastUsedAt} />
              ) : (
                <span className="text-ink-faint">not seen</span>
              )}
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}
