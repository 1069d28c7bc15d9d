import { HostAccess } from "@/components/access/host-access";
import { getHostAccess } from "@/lib/features/access/queries";
import { AccessFilter } from "@/lib/features/access/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

interface Props {
  params: Promise<{ hostId: string }>;
  searchParams: SearchParams;
}

export default async function HostAccessPage({ params, searchParams }: Props) {
  const { hostId } = await params;
  const filter = await searchInput(AccessFilter, searchParams);
  return <HostAccess view={await load(getHostAccess, { hostId, ...filter })} filter={filter} />;
}
