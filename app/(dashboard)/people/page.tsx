import type { Metadata } from "next";
import { InvitePerson } from "@/components/people/invite-person";
import { PeopleTable } from "@/components/people/people-table";
import { ListSearch } from "@/components/ui/list-search";
import { Page } from "@/components/ui/page";
import { getViewer, listPeople } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";
import type { SearchParams } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "People" };

export default async function PeoplePage({ searchParams }: { searchParams: SearchParams }) {
  const { q } = await searchParams;
  const [list, viewer] = await Promise.all([load(listPeople, {}), load(getViewer, {})]);
  const words = typeof q === "string" ? q.trim().toLowerCase() : "";
  const rows = list.rows.filter((person) =>
    `${person.name} ${person.login} ${person.role}`.toLowerCase().includes(words),
  );
  const count = list.rows.length === 1 ? "1 person" : `${list.rows.length} people`;
  return (
    <Page
      title="People"
      lead="Who may sign in to Gatehouse. What each role may do stands in Settings."
      actions={list.canWrite && <InvitePerson mayMakeOwners={viewer.permissions.includes("person:owner")} />}
    >
      <ListSearch label="Filter people by name, login or role" value={words} />
      <div>
        <p className="pb-1.5 text-xs text-ink-faint" role="status">
          {rows.length === list.rows.length ? count : `${rows.length} of ${count}`}
        </p>
        <PeopleTable rows={rows} viewerId={viewer.personId} permissions={viewer.permissions} />
      </div>
    </Page>
  );
}
