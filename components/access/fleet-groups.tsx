import { ChevronDown, ChevronRight } from "lucide-react";
import Link from "next/link";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { visibleText } from "@/components/ui/visible-text";
import { methodWords } from "@/lib/access/method-words";
import type { FleetAccessInput } from "@/lib/features/access/schema";
import type { FleetGroup, FleetPathRow } from "@/lib/features/access/views";
import { count, grouped } from "./access-words";
import { fleetAddress, toggled, wayAddress } from "./fleet-address";
import { FactorMark, FromWords, KeyHolder } from "./path-cells";

interface Props {
  groups: readonly FleetGroup[];
  filter: FleetAccessInput;
}

const nouns = { host: "Host", account: "Account", person: "Person" } as const;

/** Ways in by host, account or person: counts, and the first ways of those that are open. */
export function FleetGroups({ groups, filter }: Props) {
  const by = filter.by === "" ? "host" : filter.by;
  return (
    <Table label={`Ways in by ${by}`}>
      <TableHead>
        <ColumnHead>{nouns[by]}</ColumnHead>
        <ColumnHead className="text-right">Ways</ColumnHead>
        {by !== "host" && <ColumnHead className="hidden text-right sm:table-cell">Hosts</ColumnHead>}
        {by !== "account" && <ColumnHead className="hidden text-right sm:table-cell">Accounts</ColumnHead>}
        <ColumnHead className="hidden text-right sm:table-cell">Root</ColumnHead>
        <ColumnHead className="hidden text-right md:table-cell">One factor</ColumnHead>
        <ColumnHead className="hidden text-right md:table-cell">Password</ColumnHead>
        <ColumnHead className="hidden lg:table-cell">Last used</ColumnHead>
      </TableHead>
      <tbody>
        {groups.map((group) => (
          <Group key={group.key} group={group} filter={filter} by={by} />
        ))}
      </tbody>
    </Table>
  );
}

interface GroupProps {
  group: FleetGroup;
  filter: FleetAccessInput;
  by: keyof typeof nouns;
}

function Group({ group, filter, by }: GroupProps) {
  const open = group.rows !== null;
  const Icon = open ? ChevronDown : ChevronRight;
  const number = "text-right tabular-nums text-ink-soft";
  return (
    <>
      <TableRow>
        <Cell className="max-w-56 sm:max-w-72">
          <Link
            href={toggled(filter, "open", group.key)}
            scroll={false}
            prefetch={false}
            aria-expanded={open}
            className="flex min-w-0 items-center gap-1.5 py-1.5 font-medium hover:underline hover:underline-offset-3"
          >
            <Icon aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
            <span className="truncate">
              <UntrustedText text={group.name} />
            </span>
            {group.hasLeft && <span className="shrink-0 text-xs font-normal text-danger">has left</span>}
          </Link>
        </Cell>
        <Cell className="text-right tabular-nums">{grouped(group.ways)}</Cell>
        {by !== "host" && <Cell className={`hidden sm:table-cell ${number}`}>{grouped(group.hosts)}</Cell>}
        {by !== "account" && (
          <Cell className={`hidden sm:table-cell ${number}`}>{grouped(group.accounts)}</Cell>
        )}
        <Cell className={`hidden sm:table-cell ${number}`}>{group.root > 0 && grouped(group.root)}</Cell>
        <Cell className={`hidden md:table-cell ${number}`}>{group.single > 0 && grouped(group.single)}</Cell>
        <Cell className={`hidden md:table-cell ${number}`}>
          {group.password > 0 && grouped(group.password)}
        </Cell>
        <Cell className="hidden whitespace-nowrap text-ink-soft lg:table-cell">
          {group.lastUsedAt ? <RelativeTime at={group.lastUsedAt} /> : "none on record"}
        </Cell>
      </TableRow>
      {group.rows && (
        <tr className="border-b border-line bg-sunken last:border-b-0">
          <td colSpan={8} className="p-0">
            <ul
              aria-label={`Ways of ${visibleText(group.name)}`}
              className="grid grid-cols-1 divide-y divide-line"
            >
              {group.rows.map((row) => (
                <OpenWay key={`${row.hostId} ${row.id}`} row={row} filter={filter} by={by} />
              ))}
            </ul>
            <p className="px-4 py-2 text-xs text-ink-soft sm:pl-9">
              {group.ways > group.rows.length && `The first ${group.rows.length} of ${group.ways}. `}
              <Link href={onlyAddress(filter, by, group)} prefetch={false} className="link">
                List {count(group.ways, "way", "ways")}
              </Link>
            </p>
          </td>
        </tr>
      )}
    </>
  );
}

function OpenWay({ row, filter, by }: { row: FleetPathRow; filter: FleetAccessInput; by: string }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-4 py-1.5 text-sm sm:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_minmax(0,2fr)_4rem] sm:pl-9 md:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_minmax(0,2fr)_4rem_minmax(0,2fr)]">
      <Link
        href={wayAddress(filter, row)}
        scroll={false}
        prefetch={false}
        className="truncate py-0.5 hover:underline hover:underline-offset-3"
      >
        {by !== "account" && <UntrustedText text={row.account} />}
        {by === "person" && <span className="text-ink-faint"> on </span>}
        {by !== "host" && row.hostName}
      </Link>
      <span className="hidden min-w-0 sm:block">{by !== "person" && <KeyHolder row={row} />}</span>
      <span className="hidden truncate text-ink-soft sm:block">{methodWords(row.methods)}</span>
      <FactorMark factors={row.factors} />
      <span className="hidden truncate text-ink-soft md:block">
        <FromWords from={row.from} />
      </span>
    </li>
  );
}

/** The list of one group's ways alone. */
function onlyAddress(filter: FleetAccessInput, by: keyof typeof nouns, group: FleetGroup): string {
  const only = { host: { host: group.name }, account: { account: group.key }, person: { person: group.key } };
  return fleetAddress(filter, { ...only[by], by: "", open: [], page: 1 });
}
