import type { Metadata } from "next";
import Link from "next/link";
import { forbidden } from "next/navigation";
import { AddHost } from "@/components/hosts/add-host";
import { addWays } from "@/components/hosts/add-ways";
import { Page } from "@/components/ui/page";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";
import type { SearchParams } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "Add a host" };

export default async function AddHostPage({ searchParams }: { searchParams: SearchParams }) {
  const { way } = await searchParams;
  const viewer = await load(getViewer, {});
  if (!viewer.permissions.includes("host:enrol")) forbidden();
  return (
    <Page
      narrow
      title="Add a host"
      above={
        <Link href="/hosts" className="w-fit text-xs text-ink-faint hover:text-ink">
          Hosts
        </Link>
      }
    >
      <AddHost way={addWays.find((known) => known === way) ?? "command"} />
    </Page>
  );
}
