"use client";

import Link from "next/link";
import { Tag } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import type { PersonRow } from "@/lib/features/people/views";
import { PersonMenu } from "./person-menu";
import { PersonStatus, waysIn } from "./person-status";

interface Props {
  rows: readonly PersonRow[];
  viewerId: string;
  /** Permissions of the viewer. */
  permissions: readonly string[];
}

/** The people who may sign in here. */
export function PeopleTable({ rows, viewerId, permissions }: Props) {
  const canWrite = permissions.includes("person:write");
  return (
    <Table label="People">
      <TableHead>
        <ColumnHead>Person</ColumnHead>
        <ColumnHead>Role</ColumnHead>
        <ColumnHead>State</ColumnHead>
        <ColumnHead className="hidden sm:table-cell">Signs in with</ColumnHead>
        <ColumnHead className="hidden md:table-cell">Last seen</ColumnHead>
        {canWrite && (
          <ColumnHead className="w-10">
            <span className="sr-only">Acts</span>
          </ColumnHead>
        )}
      </TableHead>
      <tbody>
        {rows.map((person) => (
          <TableRow key={person.id}>
            <Cell className="py-1.5">
              <Link
                href={`/people/${person.id}`}
                prefetch={false}
                className="rounded-sm font-medium hover:underline"
              >
                {person.name}
              </Link>
              {person.id === viewerId && <span className="text-ink-faint"> (you)</span>}
              <span className="block text-xs text-ink-faint">{person.login}</span>
            </Cell>
            <Cell>
              <Tag>{person.role}</Tag>
            </Cell>
            <Cell>
              <PersonStatus person={person} />
            </Cell>
            <Cell className="hidden text-ink-soft sm:table-cell">{waysIn(person)}</Cell>
            <Cell className="hidden text-ink-soft md:table-cell">
              {person.lastSeenAt ? <RelativeTime at={person.lastSeenAt} /> : "never"}
            </Cell>
            {canWrite && (
              <Cell className="w-10 text-right">
                <PersonMenu
                  person={person}
                  isViewer={person.id === viewerId}
                  mayMakeOwners={permissions.includes("person:owner")}
                />
              </Cell>
            )}
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}
